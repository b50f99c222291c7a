import { readFile } from 'node:fs/promises';
import { readYaml } from './yaml-source.js';

/**
 * Where the keys of a file stand, as `file:line:column`: of what is not there, where its nearest group begins.
 * @returns a function of a key such as `listeners.0.tls.certificate`; where the file can't be read any more, it gives the file
 */
export async function placesIn(file: string): Promise<(key: string) => string> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const yaml = text === undefined ? undefined : readYaml(text, file);
  if (yaml?.ok !== true) return () => file;
  return (key) => {
    const path = key.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    const { line, column } = yaml.source.locate(path);
    return `${file}:${line}:${column}`;
  };
}
