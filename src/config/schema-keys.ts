import { z } from 'zod';

/** The keys that a group at a path may have. */
export type KeysAt = (path: readonly PropertyKey[]) => readonly string[];

type SchemaNode = Readonly<Record<string, unknown>>;

/** The keys that a group at a path of a file may have, from the file's schema itself, which is looked at when first asked. */
export function keysOf(schema: z.ZodType): KeysAt {
  let root: SchemaNode | undefined;
  return (path) => {
    root ??= z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    const top = root;
    let nodes = unfold(top, top);
    for (const key of path) {
      nodes = nodes.flatMap((node) => step(node, key)).flatMap((node) => unfold(node, top));
    }
    return [...new Set(nodes.flatMap((node) => Object.keys(record(node.properties) ?? {})))];
  };
}

function step(node: SchemaNode, key: PropertyKey): readonly SchemaNode[] {
  if (typeof key === 'number') return known(record(node.items));
  const property = record(record(node.properties)?.[String(key)]);
  return known(property ?? record(node.additionalProperties));
}

/** The node and every alternative that it stands for (`$ref`, `anyOf`, `allOf`). */
function unfold(node: SchemaNode, root: SchemaNode): readonly SchemaNode[] {
  const target = typeof node.$ref === 'string' ? resolve(root, node.$ref) : undefined;
  const inner = [node.anyOf, node.oneOf, node.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [
    node,
    ...(target === undefined ? [] : unfold(target, root)),
    ...inner.flatMap((one) => known(record(one))).flatMap((one) => unfold(one, root)),
  ];
}

function resolve(root: SchemaNode, reference: string): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of reference.split('/').slice(1)) node = record(node?.[step]);
  return node;
}

function known(node: SchemaNode | undefined): readonly SchemaNode[] {
  return node === undefined ? [] : [node];
}

function record(value: unknown): SchemaNode | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}
