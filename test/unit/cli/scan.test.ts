import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { registerScan } from '../../../src/cli/scan.js';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-scan-'));
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function scan(content: string, ...flags: string[]): Promise<string> {
  const file = join(dir, 'message.eml');
  writeFileSync(file, content);
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const program = new Command().exitOverride();
  registerScan(program);
  await program.parseAsync(['scan', ...flags, file], { from: 'user' });
  return lines.join('');
}

const MESSAGE =
  'From: a@clinic.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Disposition: attachment; filename="Ada Test.txt"\r\n\r\nPatient SSN 501-23-4567, diagnosis asthma\r\n';

describe('sallyport scan', () => {
  it('shows parts and findings, masked', async () => {
    const shown = await scan(MESSAGE);
    expect(shown).toContain('text/plain');
    expect(shown).toContain('us-ssn');
    expect(shown).toContain('*.txt');
    expect(shown).not.toMatch(/501-23-4567|Ada/);
  });

  it('gives JSON', async () => {
    const json = JSON.parse(await scan(MESSAGE, '--json'));
    expect(json.parts).toContainEqual(
      expect.objectContaining({ path: '1', status: 'read', fileName: '*.txt' }),
    );
    expect(json.lineEndsConverted).toBe(false);
    expect(JSON.stringify(json)).not.toMatch(/501-23-4567|Ada/);
  });

  it('takes files with Unix line ends, and says so', async () => {
    const json = JSON.parse(await scan(MESSAGE.replaceAll('\r\n', '\n'), '--json'));
    expect(json.lineEndsConverted).toBe(true);
    expect(json.ambiguities).toEqual([]);
  });

  it('leaves a mixture of line ends as it is', async () => {
    const json = JSON.parse(await scan(`${MESSAGE}x\ny\r\n`, '--json'));
    expect(json.ambiguities).toContainEqual({ name: 'bare-lf', part: '0', material: true });
  });

  it('says when a file cannot be read', async () => {
    const program = new Command().exitOverride();
    registerScan(program);
    await expect(program.parseAsync(['scan', join(dir, 'none.eml')], { from: 'user' })).rejects.toMatchObject(
      {
        message: expect.stringContaining('ENOENT'),
        exitStatus: 2,
      },
    );
  });
});
