import { readFile } from 'node:fs/promises';
import { keysOf } from '../config/schema-keys.js';
import { formatProblem, readYaml, schemaProblems } from '../config/yaml-source.js';
import { errorText, UserError } from '../shared/errors.js';
import { type AnswersInput, answersSchema } from './answers.js';

const answerKeysAt = keysOf(answersSchema);

/**
 * Reads an answers file; it must be complete but for what has a default.
 * @throws UserError (exit status 2) that lists every problem as file:line:column
 */
export async function readAnswers(file: string): Promise<AnswersInput> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UserError(`cannot read the answers ${file}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
  const yaml = readYaml(text, file);
  if (!yaml.ok) throw new UserError(yaml.problems.map(formatProblem).join('\n'), { exitStatus: 2 });
  const parsed = answersSchema.safeParse(yaml.source.value);
  if (!parsed.success)
    throw new UserError(
      schemaProblems(yaml.source, parsed.error, answerKeysAt).map(formatProblem).join('\n'),
      {
        exitStatus: 2,
      },
    );
  return parsed.data;
}
