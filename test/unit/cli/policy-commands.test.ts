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

describe('sallyport policy test, where the configuration says that nobody looks into mail', () => {
  const home = join(dir, 'unread');
  const config = join(home, 'config.yaml');
  const folder = join(home, 'policies');
  const message = (key: string) =>
    `  - name: x\n    message: { sender: jo@clinic.example, ${key} }\n    recipients: [{ to: sam@lab.example, expect: { method: tls } }]\n`;

  beforeEach(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      config,
      `${readFileSync(join(ROOT, 'config.example.yaml'), 'utf8')}\ninspect: { enabled: false }\n`,
    );
    writeFileSync(
      join(folder, 'a.yaml'),
      'version: 1\nrules: [{ id: large, when: { size: { over: 1KB } }, demand: { require: tls } }]\n',
    );
    rmSync(join(folder, 'a.test.yaml'), { force: true });
  });

  it('decides without the content, and says so', async () => {
    const long = 'STU-123456 has diabetes. '.repeat(60);
    writeFileSync(
      join(folder, 'a.test.yaml'),
      `version: 1\ntests:\n${message('inspection: crashed, size: 2KB')}${message(`text: '${long}'`)}`,
    );
    const { out, status } = await run('policy', 'test', folder, '--config', config);
    expect(out).toContain(`warning: ${config}: mail is NOT INSPECTED`);
    expect(out).toContain('2 passed, 0 failed');
    expect(status).toBe(0);
    writeFileSync(join(folder, 'a.test.yaml'), `version: 1\ntests:\n${message('size: 1B')}`);
    expect((await run('policy', 'test', folder, '--config', config)).out).toContain(
      'nobody looked into the message',
    );
  });

  it('refuses what the relay would', async () => {
    writeFileSync(
      join(folder, 'a.yaml'),
      'version: 1\nrules: [{ id: phi, when: { findings: { classification: phi } }, demand: { require: tls } }]\n',
    );
    writeFileSync(join(folder, 'a.test.yaml'), `version: 1\ntests:\n${message('classifications: [phi]')}`);
    expect((await run('policy', 'test', folder)).status).toBe(0);
    await expect(run('policy', 'test', folder, '--config', config)).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringMatching(/a\.yaml:2:\d+: .*`inspect\.enabled: false`/),
    });
  });

  it('takes the configuration of the folder that it runs in', async () => {
    writeFileSync(join(folder, 'a.test.yaml'), `version: 1\ntests:\n${message('size: 2KB')}`);
    const before = process.cwd();
    try {
      process.chdir(home);
      expect((await run('policy', 'test')).out).toContain('mail is NOT INSPECTED');
    } finally {
      process.chdir(before);
    }
  });

  it('refuses a configuration that is not there', async () => {
    await expect(run('policy', 'test', folder, '--config', join(home, 'none.yaml'))).rejects.toMatchObject({
      exitStatus: 2,
      message: expect.stringContaining('there is no configuration'),
    });
  });
});

describe('sallyport policy test, of detectors that policies define', () => {
  const DEFINITION = `version: 1
detectors:
  - name: clinic-study
    description: Numbers of participants
    class: identifier
    identifies: person
    pattern: STU-[0-9]{6}
    tests:
      finds: [STU-123456, STU-12345]
      ignores: [STU-1234]
rules: [{ id: phi, when: { findings: { classification: phi } }, demand: { require: sealed } }]
`;
  const folder = join(dir, 'detectors');

  beforeEach(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.yaml'), DEFINITION);
    rmSync(join(folder, 'a.test.yaml'), { force: true });
  });

  it('runs the tests of definitions, in folders and of single files, and never prints their texts', async () => {
    for (const path of [folder, `${folder}/`, join(folder, 'a.yaml')]) {
      const { out, status } = await run('policy', 'test', path);
      expect(status).toBe(1);
      expect(out).toBe(
        [
          `ok   ${folder}/a.yaml:9:15  detector clinic-study: finds something of medium confidence`,
          `FAIL ${folder}/a.yaml:9:27  detector clinic-study: finds nothing, but should find something`,
          `ok   ${folder}/a.yaml:10:17  detector clinic-study: finds nothing`,
          '2 passed, 1 failed\n',
        ].join('\n'),
      );
    }
  });

  it('gives the same as JSON', async () => {
    const { out } = await run('policy', 'test', folder, '--json');
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      passed: 2,
      failed: 1,
      results: [],
      detectors: [
        { passed: true },
        { detector: 'clinic-study', line: 9, column: 27, expects: 'finds', passed: false },
        { expects: 'ignores', passed: true },
      ],
    });
  });

  it('inspects whole messages with them, and by senders who give care', async () => {
    const file = join(folder, 'a.test.yaml');
    const test = (name: string, sender: string, text: string, rules: string) =>
      `  - name: ${name}\n    message: { sender: ${sender}, text: '${text}' }\n    recipients: [{ to: sam@lab.example, expect: { rules: [${rules}] } }]\n`;
    writeFileSync(
      file,
      `version: 1\nhealth_senders: [ward3@clinic.example]\ntests:\n${[
        test('with a diagnosis', 'jo@clinic.example', 'STU-123456: type 2 diabetes mellitus', 'phi'),
        test('alone', 'jo@clinic.example', 'STU-123456', ''),
        test('alone, from a ward', 'ward3@clinic.example', 'STU-123456', 'phi'),
      ].join('')}`,
    );
    const { out, status } = await run('policy', 'test', file);
    expect(out).toMatch(/\n3 passed, 0 failed\n$/);
    expect(status).toBe(0);
  });

  it('knows their names in tests, and says where there is nothing to test', async () => {
    writeFileSync(
      join(folder, 'a.test.yaml'),
      'version: 1\ntests:\n  - name: x\n    message: { findings: [{ detector: clinic-studi }] }\n    recipients: [{ to: sam@lab.example, expect: { rules: [] } }]\n',
    );
    await expect(run('policy', 'test', folder)).rejects.toMatchObject({
      exitStatus: 2,
      message: `${folder}/a.test.yaml:4:39: tests.0.message.findings.0.detector: no detector is named \`clinic-studi\`, did you mean \`clinic-study\`?`,
    });
    const bare = policyFolder('bare', CASE('tls'));
    await expect(run('policy', 'test', join(bare, 'a.yaml'))).rejects.toMatchObject({
      exitStatus: 2,
      message: `${bare}/a.yaml holds no policy tests (*.test.yaml, or \`tests\` of detectors)`,
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

  it('goes by the route of the stream that the message would be in', async () => {
    const home = join(dir, 'explain-stream');
    cpSync(join(ROOT, 'policies'), join(home, 'policies'), { recursive: true });
    writeFileSync(
      join(home, 'config.yaml'),
      [
        'hostname: relay.clinic.example',
        'organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }',
        'identities:',
        '  - { name: lab, networks: [10.1.2.3], senders: [clinic.example], streams: [bulk] }',
        '  - { name: news, networks: [10.1.2.4], senders: [clinic.example], stream: bulk }',
        'listeners: [{ name: inside, address: "127.0.0.1:2525", mode: relay, identities: [lab, news] }]',
        'delivery: { routes: [{ name: mailer, host: mailer.example }], streams: [{ name: bulk, route: mailer }] }',
      ].join('\n'),
    );
    const chosen = join(home, 'chosen.eml');
    writeFileSync(chosen, `X-Sallyport-Stream: bulk\r\n${readFileSync(mail, 'utf8')}`);
    const tls = async (file: string, identity: string) => {
      const named = ['--identity', identity, '--config', join(home, 'config.yaml')];
      const { out } = await run('explain', file, ...args, ...named);
      return out.includes('sam@lab.example: goes by TLS');
    };
    expect(await tls(mail, 'lab')).toBe(true);
    expect(await tls(mail, 'news')).toBe(false);
    expect(await tls(chosen, 'lab')).toBe(false);
  });

  it('goes by the route of the stream that accounts have at their listener, and says where these differ', async () => {
    const home = join(dir, 'explain-account-stream');
    cpSync(join(ROOT, 'policies'), join(home, 'policies'), { recursive: true });
    const explained = async (listeners: string) => {
      writeFileSync(
        join(home, 'config.yaml'),
        [
          'hostname: relay.clinic.example',
          'organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }',
          `listeners: [${listeners}]`,
          'delivery: { routes: [{ name: mailer, host: mailer.example }], streams: [{ name: bulk, route: mailer }] }',
        ].join('\n'),
      );
      const config = ['--config', join(home, 'config.yaml'), '--json'];
      const { out } = await run('explain', mail, ...args, '--identity', 'ward3', ...config);
      const { decisions, notes } = JSON.parse(out);
      return { order: decisions[0].order, notes };
    };
    const news = '{ name: news, address: "127.0.0.1:2587", mode: submission, accounts: true, stream: bulk }';
    const usual = '{ name: usual, address: "127.0.0.1:2588", mode: submission, accounts: true }';
    expect((await explained(news)).order).not.toContain('tls');
    const both = await explained(`${news}, ${usual}`);
    expect(both.order).toContain('tls');
    expect(both.notes).toContainEqual(expect.stringContaining('assumed the stream default'));
  });

  describe('by the rights of who submits it', () => {
    const home = join(dir, 'explain-senders');
    const from = join(home, 'by-secretary.eml');
    const JO = 'jo@clinic.example';

    beforeEach(() => {
      mkdirSync(join(home, 'policies'), { recursive: true });
      writeFileSync(
        join(home, 'config.yaml'),
        [
          'hostname: relay.clinic.example',
          'organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }',
          'identities:',
          '  - name: office',
          '    networks: [10.1.2.3]',
          `    senders: [${JO}]`,
          '    allow: { on_behalf_of: [dr.roe@clinic.example] }',
          `  - { name: jo, networks: [10.1.2.4], senders: [${JO}] }`,
          '  - { name: all, networks: [10.1.2.5], senders: [clinic.example], allow: { forwarding: redirected } }',
          'listeners: [{ name: inside, address: "127.0.0.1:2525", mode: relay, identities: [office, jo, all] }]',
        ].join('\n'),
      );
      writeFileSync(
        join(home, 'policies', 'a.yaml'),
        'version: 1\nrules: [{ id: roe, when: { sender: dr.roe@clinic.example }, demand: { require: tls } }]\n',
      );
      mailBy('From: dr.roe@clinic.example', `Sender: ${JO}`);
    });

    const mailBy = (...header: readonly string[]) =>
      writeFileSync(
        from,
        [...header, 'To: sam@lab.example', 'MIME-Version: 1.0', '', 'hello', ''].join('\r\n'),
      );

    async function explained(...more: readonly string[]) {
      const config = ['--config', join(home, 'config.yaml')];
      const to = ['--to', 'sam@lab.example'];
      const { out } = await run('explain', from, '--from', JO, ...to, ...config, ...more, '--json');
      const { decisions, authors, notes } = JSON.parse(out);
      return { protected: decisions[0].protected, authors, notes };
    }

    it('applies the rules for whoever it is written on behalf of', async () => {
      expect(await explained('--identity', 'office')).toEqual({
        protected: true,
        authors: { addresses: ['dr.roe@clinic.example'], unsure: false },
        notes: [],
      });
    });

    it('assumes nothing weaker where nobody was named, or nobody known, and says so', async () => {
      expect(await explained()).toMatchObject({
        protected: true,
        notes: [expect.stringContaining('assumed')],
      });
      expect(await explained('--identity', 'nobody')).toMatchObject({
        protected: true,
        notes: ['nobody is no identity and no account', expect.stringContaining('assumed')],
      });
    });

    it('says that a listener would refuse it', async () => {
      const refused = 'a listener would refuse this message from jo: You may not send';
      expect(await explained('--identity', 'jo')).toMatchObject({
        protected: true,
        notes: [expect.stringContaining(refused), expect.stringContaining('assumed')],
      });
      mailBy('From: a@clinic.example, b@clinic.example');
      expect((await explained()).notes).toEqual([expect.stringContaining('not one plain address')]);
    });

    it('takes a stranger’s mail sent on as that of anybody of us', async () => {
      mailBy('From: stranger@shop.example');
      expect(await explained('--identity', 'all')).toEqual({
        protected: true,
        authors: { addresses: [], unsure: true },
        notes: [],
      });
      expect(await explained()).toMatchObject({ protected: true, authors: { unsure: true } });
    });

    it('assumes nothing of mail in one’s own name', async () => {
      mailBy(`From: Jo <${JO}>`);
      expect(await explained()).toEqual({ protected: false, authors: undefined, notes: [] });
      expect(await explained('--identity', 'jo')).toEqual({
        protected: false,
        authors: undefined,
        notes: [],
      });
    });
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

  it('looks into no mail where the relay does not', async () => {
    const home = join(dir, 'explain-unread');
    mkdirSync(join(home, 'policies'), { recursive: true });
    writeFileSync(
      join(home, 'config.yaml'),
      `${readFileSync(config, 'utf8')}\ninspect: { enabled: false }\n`,
    );
    writeFileSync(
      join(home, 'policies', 'a.yaml'),
      'version: 1\nrules: [{ id: out, when: { recipient: external }, demand: { require: tls } }]\n',
    );
    const unread = ['explain', mail, ...args, '--config', join(home, 'config.yaml')];
    expect((await run(...unread)).out).toContain('nobody looked into the message');
    expect(JSON.parse((await run(...unread, '--json')).out)).toMatchObject({
      decisions: [{ recipient: 'sam@lab.example', contentNotRead: true, protected: true }, {}],
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
