import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerExplain } from '../../../src/cli/explain.js';
import { registerPolicy } from '../../../src/cli/policy.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'sallyport-policy-commands-'));
afterAll(() => rmSync(dir, { recursive: true }));

let exitCode: typeof process.exitCode;
beforeEach(() => {
  exitCode = process.exitCode;
});
afterEach(() => {
  process.exitCode = exitCode;
  vi.restoreAllMocks();
});

async function run(...args: string[]) {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const program = new Command('sallyport').exitOverride();
  registerPolicy(program);
  registerExplain(program);
  process.exitCode = 0;
  await program.parseAsync(args, { from: 'user' });
  return { out: lines.join(''), status: process.exitCode };
}

function policyFolder(name: string, test: string): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'a.yaml'),
    'version: 1\nrules: [{ id: out, when: { recipient: external }, demand: { require: tls } }]\n',
  );
  writeFileSync(join(folder, 'a.test.yaml'), `version: 1\ntests:\n${test}`);
  return folder;
}

const CASE = (method: string) =>
  `  - name: to the outside\n    recipients: [{ to: sam@lab.example, expect: { method: ${method} } }]\n`;

describe('sallyport policy test', () => {
  it('exits with 0 when all pass, naming each with its place', async () => {
    const folder = policyFolder('good', CASE('tls'));
    const { out, status } = await run('policy', 'test', folder);
    expect(status).toBe(0);
    expect(out).toBe(
      `ok   ${folder}/a.test.yaml:4  to the outside → sam@lab.example: tls\n1 passed, 0 failed\n`,
    );
  });

  it('exits with 1 when one fails, and says what was expected, what came and why', async () => {
    const folder = policyFolder('failing', CASE('portal'));
    const { out, status } = await run('policy', 'test', folder);
    expect(status).toBe(1);
    expect(out).toContain('FAIL');
    expect(out).toContain('expected method portal, but it is tls');
    expect(out).toContain('out (a.yaml:2): require tls (verified)');
  });

  it('gives the same as JSON', async () => {
    const { out, status } = await run('policy', 'test', join(dir, 'failing'), '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      passed: 0,
      failed: 1,
      results: [
        {
          line: 4,
          recipient: 'sam@lab.example',
          method: 'tls',
          differences: [{ what: 'method', expected: 'portal', actual: 'tls' }],
        },
      ],
    });
  });

  it.each<[string, () => string, RegExp]>([
    ['a path that is not there', () => join(dir, 'nowhere'), /cannot read .*nowhere: ENOENT/],
    [
      'a wrong test',
      () => policyFolder('wrong', '  - nam: x\n'),
      /a\.test\.yaml:3:5: tests\.0: unknown key `nam`/,
    ],
  ])('exits with 2 for %s', async (_name, path, message) => {
    await expect(run('policy', 'test', path())).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringMatching(message),
    });
  });
});

describe('sallyport explain', () => {
  const config = join(dir, 'config.yaml');
  const mail = join(dir, 'mail.eml');
  const CANARY = '00123456';

  beforeEach(() => {
    cpSync(join(ROOT, 'policies'), join(dir, 'policies'), { recursive: true });
    writeFileSync(config, readFileSync(join(ROOT, 'config.example.yaml')));
    writeFileSync(
      mail,
      [
        'From: ward3@clinic.example',
        'To: sam@lab.example',
        'Subject: Result',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        '',
        `Patient: Testy McExample, DOB 01/02/1970, MRN: ${CANARY}`,
        'Diagnosis: type 2 diabetes mellitus, HbA1c 8.1 %',
        '',
      ].join('\r\n'),
    );
  });

  const args = ['--from', 'ward3@clinic.example', '--to', 'sam@lab.example', 'jo@clinic.example'];

  it('tells of each recipient how the message would travel, without what it found', async () => {
    const { out, status } = await run('explain', mail, ...args, '--config', config);
    expect(status).toBe(0);
    expect(out).toContain(
      'sam@lab.example: goes by TLS (at least verified); if that is impossible, by the pickup portal',
    );
    expect(out).toMatch(/hipaa-phi-outside \(hipaa\.yaml:\d+\): require tls \(verified\)/);
    expect(out).toContain('jo@clinic.example: goes by plain mail');
    expect(out).not.toContain(CANARY);
    expect(out).not.toContain('McExample');
  });

  it('gives the decisions as JSON', async () => {
    const { out } = await run('explain', mail, ...args, '--config', config, '--json');
    expect(JSON.parse(out)).toMatchObject({
      decisions: [
        { recipient: 'sam@lab.example', order: ['tls', 'portal'], protected: true },
        { order: ['plain'] },
      ],
    });
  });

  it('refuses an address that is none', async () => {
    await expect(
      run('explain', mail, '--from', 'nobody', '--to', 'sam@lab.example', '--config', config),
    ).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringContaining('--from must be a mail address'),
    });
  });
});
