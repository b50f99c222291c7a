/** The parts of JSON Schema that a reference page shows. */
interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** A Markdown table of every key, nested keys with their path. */
export function schemaPage(schema: object): string {
  const rows: string[] = [];
  walk(schema, '', rows);
  return ['| key | value | default | |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function walk(node: SchemaNode, path: string, rows: string[]): void {
  const required = new Set(node.required ?? []);
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const here = path === '' ? key : `${path}.${key}`;
    const isDefaulted = child.default !== undefined;
    const fallback = isDefaulted
      ? code(JSON.stringify(child.default))
      : required.has(key)
        ? '**required**'
        : '';
    rows.push(`| \`${here}\` | ${kind(child)} | ${fallback} | ${cell(child.description ?? '')} |`);
    descend(child, here, rows);
  }
}

function descend(node: SchemaNode, path: string, rows: string[]): void {
  if (node.properties !== undefined) walk(node, path, rows);
  if (typeof node.items === 'object') descend(node.items, `${path}[]`, rows);
  for (const one of forms(node)) descend(one, path, rows);
}

/** The forms that a value may have, of which it has one. */
function forms(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf ?? node.oneOf ?? [];
}

function kind(node: SchemaNode): string {
  if (node.const !== undefined) return code(JSON.stringify(node.const));
  if (node.enum !== undefined) return node.enum.map((one) => code(String(one))).join(', ');
  if (forms(node).length > 0) return [...new Set(forms(node).map(kind))].join(' or ');
  if (typeof node.items === 'object') return `list of ${kind(node.items)}`;
  return cell([node.type ?? 'any'].flat().join(' or '));
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
}
