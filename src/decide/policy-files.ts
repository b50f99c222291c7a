import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readYaml, type YamlProblem, type YamlSource } from '../config/yaml-source.js';
import { errorCode, errorText } from '../shared/errors.js';
import { policyKeysAt } from './policy-keys.js';
import { describeIssues, forbiddenKeys } from './policy-problems.js';
import { type PolicyFile, policyFileSchema } from './policy-schema.js';

/** A policy file whose shape is right. */
export interface ReadPolicyFile {
  /** Name within the folder. */
  readonly name: string;
  readonly source: YamlSource;
  readonly content: PolicyFile;
}

export interface PolicyFiles {
  readonly files: readonly ReadPolicyFile[];
  readonly problems: readonly YamlProblem[];
}

/** Reads every policy file of a folder (`*.yaml` but not `*.test.yaml`), sorted by name. Subfolders are not read. */
export async function readPolicyFiles(dir: string): Promise<PolicyFiles> {
  const names = await policyFileNames(dir);
  if (!names.ok) return { files: [], problems: [folderProblem(dir, names.reason)] };
  const problems: YamlProblem[] = names.misnamed.map((name) =>
    folderProblem(join(dir, name), 'is not read: policy files end in .yaml; rename it, or move it elsewhere'),
  );
  if (names.files.length === 0) {
    problems.push(
      folderProblem(dir, 'holds no policy files (*.yaml): without any, all mail would go out as plain'),
    );
  }
  const files: ReadPolicyFile[] = [];
  for (const name of names.files) {
    const result = await readPolicyFile(dir, name);
    if ('problems' in result) problems.push(...result.problems);
    else files.push(result);
  }
  return { files, problems };
}

type Names =
  | { readonly ok: true; readonly files: readonly string[]; readonly misnamed: readonly string[] }
  | { readonly ok: false; readonly reason: string };

async function policyFileNames(dir: string): Promise<Names> {
  try {
    // Hidden files are those that editors keep beside the one being edited.
    const names = (await readdir(dir)).filter((name) => !name.startsWith('.')).sort();
    return {
      ok: true,
      files: names.filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml')),
      misnamed: names.filter((name) => /\.(yml|YAML|YML)$/.test(name)),
    };
  } catch (cause) {
    return {
      ok: false,
      reason:
        errorCode(cause) === 'ENOENT'
          ? 'there is no such folder; say under `policies` of the configuration where the policies are'
          : `cannot be read: ${errorText(cause)}`,
    };
  }
}

async function readPolicyFile(
  dir: string,
  name: string,
): Promise<ReadPolicyFile | { readonly problems: readonly YamlProblem[] }> {
  const file = join(dir, name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    return { problems: [folderProblem(file, `cannot be read: ${errorText(cause)}`)] };
  }
  const yaml = readYaml(text, file);
  if (!yaml.ok) return { problems: yaml.problems };
  const parsed = policyFileSchema.safeParse(yaml.source.value);
  const problems = [
    ...forbiddenKeys(yaml.source),
    ...(parsed.success ? [] : describeIssues(yaml.source, parsed.error, policyKeysAt)),
  ];
  if (problems.length > 0 || !parsed.success) return { problems };
  return { name, source: yaml.source, content: parsed.data };
}

/** A problem of a file or folder as a whole. */
export function folderProblem(file: string, message: string): YamlProblem {
  return { file, line: 1, column: 1, message };
}
