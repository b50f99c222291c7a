import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../src/config/load.js';
import type { DkimKeyConfig } from '../../../../src/config/schema.js';
import { createDkimKeys, keysForDomain } from '../../../../src/keys/dkim/index.js';
import type { StoredMessage } from '../../../../src/model/message.js';
import { createMetrics } from '../../../../src/ops/metrics.js';
import { createDkimSigning } from '../../../../src/protect/index.js';
import type { OutboundCopy } from '../../../../src/protect/types.js';
import { loadMasterKey } from '../../../../src/store/index.js';
import { StoreUnavailable } from '../../../../src/store/ports.js';
import { testDkimKey } from '../../../support/dkim.js';
import { newMessage } from '../../store/fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-dkim-'));
afterAll(() => rmSync(folder, { recursive: true }));
const masterKey = loadMasterKey({ file: 'master.key' }, folder, { createIfMissing: true });
const clinic = testDkimKey('ed25519', 'clinic.example', 'one');
const file = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
  return join(folder, name);
};
const PEM = file('clinic.pem', clinic.pem);

const entry = (more: Partial<DkimKeyConfig> = {}): DkimKeyConfig => ({
  domain: 'clinic.example',
  selector: 'one',
  key: PEM,
  sign: 'changed',
  ...more,
});

interface Case {
  readonly dkim: readonly DkimKeyConfig[];
  readonly content?: string;
  readonly asItCame?: true;
  readonly open?: () => Readable;
  readonly store?: () => Promise<never>;
  readonly message?: Partial<StoredMessage>;
}

async function run({ dkim, content, asItCame, open, store, message: more }: Case) {
  const loaded = await loadConfig('config.example.yaml');
  const lines: string[] = [];
  const metrics = createMetrics();
  let disposed = 0;
  const signing = createDkimSigning({
    loaded: () => ({ ...loaded, config: { ...loaded.config, dkim: [...dkim] } }),
    keys: createDkimKeys({ store: { ownKeysFor: store ?? (async () => []) }, masterKey }),
    clock: { now: () => 1_790_000_000_000 },
    log: pino({}, { write: (line: string) => lines.push(line) }),
    metrics,
  });
  const text = content ?? 'From: ward3@clinic.example\r\n\r\nHello\r\n';
  const inner: OutboundCopy = {
    kind: 'smtp',
    open: open ?? (() => Readable.from([Buffer.from(text, 'latin1')])),
    size: Buffer.byteLength(text, 'latin1'),
    eightBitMime: false,
    smtpUtf8: false,
    ...(asItCame === true && { asItCame }),
    dispose: async () => {
      disposed += 1;
    },
  };
  const { message } = newMessage('m1');
  const copy = await signing(async () => inner)(
    { ...message, state: 'decided', inspectAttempts: 1, subjectShowable: false, ...more },
    [],
    'plain',
  );
  const counted = (await metrics.dkim.get()).values.map((one) => one.labels.result);
  return { copy, inner, text, lines, disposed: () => disposed, counted };
}

/** `d=` and `s=` of each signature, and that what follows is the message as it was. */
async function signers({ copy, text }: Awaited<ReturnType<typeof run>>): Promise<readonly string[]> {
  if (copy.kind !== 'smtp') throw new Error(`${copy.kind} instead of a copy`);
  const bytes = (await buffer(copy.open())).toString('latin1');
  expect((await buffer(copy.open())).toString('latin1')).toBe(bytes);
  expect(bytes.endsWith(text)).toBe(true);
  expect(copy.size).toBe(bytes.length);
  const header = bytes.slice(0, bytes.length - text.length);
  return [...header.matchAll(/\td=([^;]+);\r\n\ts=([^;]+);/g)].map(([, d, s]) => `${s} of ${d}`);
}

describe('who signs', () => {
  it('is every key of the domain of From', async () => {
    const two = testDkimKey('rsa', 'clinic.example', 'two');
    const result = await run({
      dkim: [
        entry({ domain: 'other.example' }),
        entry(),
        entry({ selector: 'two', key: file('two.pem', two.pem) }),
      ],
    });
    expect(await signers(result)).toEqual(['one of clinic.example', 'two of clinic.example']);
    expect(result.counted).toEqual(['signed']);
  });

  it('is nobody for what leaves as it came, unless the domain says so', async () => {
    const left = await run({ dkim: [entry()], asItCame: true });
    expect(left.copy).toBe(left.inner);
    expect(left.counted).toEqual([]);
    const all = [entry({ sign: 'all' }), entry({ selector: 'two' })];
    expect(await signers(await run({ dkim: all, asItCame: true }))).toEqual(['one of clinic.example']);
    expect(await signers(await run({ dkim: all }))).toHaveLength(2);
  });

  it('is nobody where no key fits, or From is not one mailbox', async () => {
    for (const content of [
      'From: ada@gmail.example\r\n\r\nx\r\n',
      'From: a@notclinic.example\r\n\r\nx\r\n',
      'From: a@clinic.example, b@clinic.example\r\n\r\nx\r\n',
      'From: a@clinic.example\r\nFrom: a@clinic.example\r\n\r\nx\r\n',
      'Subject: none\r\n\r\nFrom: a@clinic.example\r\n',
    ]) {
      const result = await run({ dkim: [entry()], content });
      expect(result.copy).toBe(result.inner);
      expect(result.counted).toEqual(['no-key']);
    }
  });

  it.each<[string, Partial<StoredMessage>, 'signed' | 'sent-on']>([
    [
      'out of office',
      { sender: '', authors: { addresses: ['ward3@clinic.example'], unsure: false } },
      'signed',
    ],
    ['on behalf of From', { authors: { addresses: ['WARD3@clinic.example'], unsure: false } }, 'signed'],
    [
      'resent by From',
      { sender: 'ward3@clinic.example', authors: { addresses: [], unsure: false } },
      'signed',
    ],
    [
      'resent by another',
      { sender: 'ward4@clinic.example', authors: { addresses: [], unsure: false } },
      'sent-on',
    ],
    ['redirected', { sender: 'ward3@clinic.example', authors: { addresses: [], unsure: true } }, 'sent-on'],
    ['a reply in the portal', { origin: 'portal-reply', sender: 'ada@lab.example' }, 'signed'],
  ])('is who may write as From: %s', async (_, message, expected) => {
    const result = await run({ dkim: [entry()], message: { origin: 'submitted', ...message } });
    expect(result.counted).toEqual([expected]);
    if (expected === 'sent-on') expect(result.copy).toBe(result.inner);
    else expect(await signers(result)).toHaveLength(1);
  });

  it.each([
    ['clinic.example', ['clinic.example']],
    ['mail.clinic.example', ['mail.clinic.example']],
    ['a.b.clinic.example', ['clinic.example']],
    ['x.mail.clinic.example', ['mail.clinic.example']],
    ['clinic.example.test', []],
    ['xclinic.example', []],
    ['example', []],
  ])('is nearest to %s', (domain, expected) => {
    const keys = [{ domain: 'clinic.example' }, { domain: 'mail.clinic.example' }, { domain: 'example' }];
    expect(keysForDomain(keys, domain).map((one) => one.domain)).toEqual(expected);
  });
});

describe('where the signature that the configuration demands can’t be made, nothing leaves', () => {
  const short = testDkimKey('ed25519', 'clinic.example', 'one').pem.slice(0, 60);
  it.each<[string, Case, RegExp]>([
    [
      'no such key is kept',
      { dkim: [{ domain: 'clinic.example', selector: 'gone', sign: 'changed' }] },
      /no DKIM key is kept/,
    ],
    ['the file is gone', { dkim: [entry({ key: join(folder, 'gone.pem') })] }, /ENOENT/],
    [
      'the file is open to everybody',
      { dkim: [entry({ key: file('open.pem', clinic.pem, 0o644) })] },
      /chmod 600/,
    ],
    ['the file holds no key', { dkim: [entry({ key: file('short.pem', short) })] }, /can't be read/],
    [
      'only the second key is',
      { dkim: [entry(), entry({ selector: 'two', key: join(folder, 'gone.pem') })] },
      /ENOENT/,
    ],
    [
      'the content can’t be read',
      {
        dkim: [entry()],
        open: () =>
          new Readable({
            read() {
              this.destroy(new Error('patient Roe'));
            },
          }),
      },
      /"error":"Error"/,
    ],
    [
      'the header is out of all measure',
      { dkim: [entry()], content: `From: a@clinic.example\r\n${'To: b@c.example\r\n'.repeat(200)}\r\nx` },
      /too many fields/,
    ],
  ])('%s', async (_, given, logged) => {
    const { copy, lines, disposed, counted } = await run(given);
    expect(copy).toMatchObject({ kind: 'not-now', status: '4.3.5' });
    expect(disposed()).toBe(1);
    expect(counted).toContain('failed');
    expect(counted).not.toContain('signed');
    expect(lines.join('')).toMatch(logged);
    expect(JSON.stringify(copy) + lines.join('')).not.toMatch(/Roe|BEGIN/);
  });

  it('and where the store failed, the relay ends', async () => {
    const dkim: readonly DkimKeyConfig[] = [{ domain: 'clinic.example', selector: 'one', sign: 'changed' }];
    const failing = () => Promise.reject(new StoreUnavailable('disk'));
    await expect(run({ dkim, store: failing })).rejects.toThrow(StoreUnavailable);
  });
});

it('reads a file again only for another configuration', async () => {
  const key = file('changing.pem', clinic.pem);
  const keys = createDkimKeys({ store: { ownKeysFor: async () => [] }, masterKey });
  const loaded = await loadConfig('config.example.yaml');
  const before = await keys.privateKey(loaded, entry({ key }));
  const next = testDkimKey('ed25519', 'clinic.example', 'two');
  writeFileSync(key, next.pem);
  expect(await keys.privateKey(loaded, entry({ key }))).toBe(before);
  const reloaded = await loadConfig('config.example.yaml');
  expect((await keys.privateKey(reloaded, entry({ key }))).equals(next.privateKey)).toBe(true);
});
