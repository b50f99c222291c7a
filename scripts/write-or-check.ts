import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes generated files, or with `--check` exits with 1 when one on disk differs. */
export async function writeOrCheck(files: Readonly<Record<string, string>>): Promise<void> {
  const checking = process.argv.includes('--check');
  for (const [file, text] of Object.entries(files)) {
    if (!checking) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      continue;
    }
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present !== text) {
      process.stderr.write(`${file} is not what the schema gives; run: npm run docs\n`);
      process.exitCode = 1;
    }
  }
}
