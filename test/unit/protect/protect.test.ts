import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.js';
import { configSchema } from '../../../src/config/schema.js';
import type { KindFound, SigningKey, UsableKey } from '../../../src/keys/types.js';
import type { Decision, KeyDemand } from '../../../src/model/decision.js';
import type { KeyFacts } from '../../../src/model/key.js';
import type { SealedBody, StoredMessage, StoredRecipient } from '../../../src/model/message.js';
import { METHODS } from '../../../src/model/method.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import { createProtect, type ProtectDeps } from '../../../src/protect/index.js';
import type { SealTask } from '../../../src/protect/seal-task.js';

const BODY: SealedBody = {
  wrappedKey: new Uint8Array(),
  size: 4,
  content: { kind: 'inline', bytes: new Uint8Array() },
};
const COPY: SealedBody = {
  wrappedKey: new Uint8Array(),
  size: 999,
  content: { kind: 'file', name: 'c'.repeat(32) },
};
const MESSAGE: StoredMessage = {
  id: 'm1',
  origin: 'submitted',
  receivedAt: 1,
  identity: 'clinic',
  sender: 'ward@clinic.example',
  headerMessageId: '<1@clinic.example>',
  smtpUtf8: false,
  eightBitMime: true,
  dsn: {},
  listener: 'submission',
  clientAddress: '127.0.0.1',
  state: 'decided',
  inspectAttempts: 1,
  subjectShowable: false,
  body: BODY,
};

function recipient(
  address: string,
  over: { keys?: KeyDemand; alreadyEncrypted?: true } = {},
): StoredRecipient {
  const decision = systemDecision(address);
  return {
    messageId: 'm1',
    index: 0,
    address,
    domain: 'lab.example',
    state: 'pending',
    attempts: 0,
    method: 'pgp',
    decision: {
      ...decision,
      demand: { ...decision.demand, ...(over.keys && { keys: over.keys }) },
      ...(over.alreadyEncrypted && { alreadyEncrypted: true }),
    },
  };
}

const usable = (fingerprint: string, over: Partial<KeyFacts> = {}): UsableKey => ({
  facts: { fingerprint, source: 'imported', algorithm: 'X25519', revocation: 'good', ...over },
  sealing: {
    kind: 'openpgp',
    fingerprint,
    material: new Uint8Array(),
    encryptionKey: fingerprint,
    seipd: 1,
  },
});

function setup(
  options: {
    protect?: object;
    keys?: Readonly<Record<string, KindFound>>;
    signer?: SigningKey;
    content?: string;
    failing?: string;
    removeFails?: boolean;
  } = {},
) {
  const order: string[] = [];
  const events: AuditEvent[] = [];
  const tasks: SealTask[] = [];
  const removed: string[] = [];
  const asked: string[] = [];
  const deps: ProtectDeps = {
    bodies: {
      open: (body) => Readable.from([Buffer.from(body === COPY ? 'sealed' : (options.content ?? 'clear'))]),
      remove: async (name) => {
        if (options.removeFails) throw new Error('no');
        removed.push(name);
      },
    },
    audit: {
      record: async (more) => {
        order.push('recorded');
        events.push(...more);
      },
    },
    config: () => configSchema.shape.protect.parse(options.protect ?? {}),
    hostname: () => 'relay.clinic.example',
    findKeys: async (address) => options.keys?.[address] ?? { usable: [], refused: [] },
    signingKeys: {
      signer: async (_kind, from) => {
        asked.push(from);
        return options.signer;
      },
    },
    seal: async (task) => {
      order.push('sealed');
      tasks.push(task);
      if (options.failing !== undefined) return { kind: 'failed', reason: options.failing };
      return { kind: 'sealed', body: COPY, eightBit: false };
    },
    clock: { now: () => 1000 },
    log: pino({ enabled: false }),
  };
  return { protect: createProtect(deps), order, events, tasks, removed, asked };
}

const BOTH = {
  'a@lab.example': { usable: [usable('AA')], refused: [] },
  'b@lab.example': { usable: [usable('BB')], refused: [] },
};

describe('a sealed copy', () => {
  it('is made with the key that was recorded before, and removed after the attempt', async () => {
    const { protect, order, events, tasks, removed } = setup({ keys: BOTH });
    const copy = await protect(MESSAGE, [recipient('a@lab.example')], 'pgp');
    expect(order).toEqual(['recorded', 'sealed']);
    expect(events).toEqual([
      {
        type: 'recipient.sealed',
        data: {
          messageId: 'm1',
          recipient: 'a@lab.example',
          method: 'pgp',
          key: usable('AA').facts,
        },
      },
    ]);
    expect(tasks[0]?.keys.map((key) => key.fingerprint)).toEqual(['AA']);
    if (copy.kind !== 'smtp') throw new Error(copy.kind);
    expect([copy.size, copy.eightBitMime, await text(copy.open())]).toEqual([999, false, 'sealed']);
    await copy.dispose?.();
    expect(removed).toEqual(['c'.repeat(32)]);
  });

  it('is signed by the key of who stands in From, whatever the envelope says', async () => {
    const signer: SigningKey = { kind: 'openpgp', fingerprint: 'DD', secret: new Uint8Array() };
    const protect = { pgp: { sign: true } };
    for (const [content, from] of [
      ['From: Jane <jane@clinic.example>\r\nSubject: x\r\n\r\n', 'jane@clinic.example'],
      // Two of them, or none that can be read: nobody's own key.
      ['From: a@clinic.example\r\nFrom: b@clinic.example\r\n\r\n', ''],
      ['Subject: x\r\n\r\nFrom: a@clinic.example\r\n', ''],
    ] as const) {
      const stage = setup({ keys: BOTH, signer, protect, content });
      const copy = await stage.protect(MESSAGE, [recipient('a@lab.example')], 'pgp');
      expect([copy.kind, stage.asked, stage.tasks[0]?.signer]).toEqual(['smtp', [from], signer]);
      expect(stage.events[0]?.data).toMatchObject({ signedBy: 'DD' });
    }
  });

  it.each<[string, Pick<StoredMessage, 'sender' | 'authors'>, string]>([
    [
      'its author',
      { sender: '', authors: { addresses: ['jane@clinic.example'], unsure: false } },
      'jane@clinic.example',
    ],
    ['nobody', { sender: '', authors: { addresses: ['ward3@clinic.example'], unsure: false } }, ''],
    [
      'nobody',
      { sender: 'pa@clinic.example', authors: { addresses: ['jane@clinic.example'], unsure: false } },
      '',
    ],
    [
      'nobody',
      { sender: '', authors: { addresses: ['jane@clinic.example', 'pa@clinic.example'], unsure: false } },
      '',
    ],
    ['nobody', { sender: 'ward3@clinic.example', authors: { addresses: [], unsure: false } }, ''],
    ['nobody', { sender: 'jane@clinic.example', authors: { addresses: [], unsure: true } }, ''],
  ])('is signed in the name of %s where others may have written it (%j)', async (_, authorship, name) => {
    const signer: SigningKey = { kind: 'openpgp', fingerprint: 'DD', secret: new Uint8Array() };
    const content = 'From: Jane <jane@clinic.example>\r\nSubject: x\r\n\r\n';
    const stage = setup({ keys: BOTH, signer, protect: { pgp: { sign: true } }, content });
    await stage.protect({ ...MESSAGE, ...authorship }, [recipient('a@lab.example')], 'pgp');
    expect(stage.asked).toEqual([name]);
  });

  it('that cannot be removed does not undo the delivery', async () => {
    const { protect } = setup({ keys: BOTH, removeFails: true });
    const copy = await protect(MESSAGE, [recipient('a@lab.example')], 'pgp');
    if (copy.kind !== 'smtp') throw new Error(copy.kind);
    await expect(copy.dispose?.()).resolves.toBeUndefined();
  });

  it('is never shared, but with hidden key IDs', async () => {
    const two = [recipient('a@lab.example'), recipient('b@lab.example')];
    const separate = setup({ keys: BOTH });
    expect(await separate.protect(MESSAGE, two, 'pgp')).toEqual({
      kind: 'impossible',
      reason: 'each recipient needs a copy of its own',
    });
    const hidden = setup({ keys: BOTH, protect: { pgp: { copies: 'hidden-key-ids' } } });
    expect((await hidden.protect(MESSAGE, two, 'pgp')).kind).toBe('smtp');
    expect(hidden.tasks[0]).toMatchObject({ hiddenKeyIds: true });
    expect((await hidden.protect(MESSAGE, two, 'smime')).kind).toBe('impossible');
  });
});

describe('sealing is impossible, and nothing is recorded or made,', () => {
  const keys: KeyDemand = { sources: ['imported'], revocation: 'required' };
  it.each<[string, Parameters<typeof setup>[0], StoredRecipient, string, object?]>([
    ['without a key', {}, recipient('a@lab.example'), 'no usable key any more'],
    [
      'when the key was refused meanwhile',
      {
        keys: {
          'a@lab.example': {
            usable: [],
            refused: [{ fingerprint: 'AA', source: 'imported', reason: 'revoked' }],
          },
        },
      },
      recipient('a@lab.example'),
      'no usable key any more: revoked',
    ],
    [
      'when the rules accept none of the keys',
      { keys: { 'a@lab.example': { usable: [usable('AA', { source: 'wkd' })], refused: [] } } },
      recipient('a@lab.example', { keys }),
      'no key that the rules accept any more',
      { shortOfDemand: true },
    ],
    [
      'when the sender encrypted it',
      { keys: BOTH },
      recipient('a@lab.example', { alreadyEncrypted: true }),
      'the sender has encrypted the message already',
    ],
    [
      'without the signature that is demanded',
      { keys: BOTH, protect: { pgp: { sign: true } } },
      recipient('a@lab.example'),
      'the configuration demands a signature (protect.pgp.sign), and there is no valid signing key',
    ],
  ])('%s', async (_name, options, to, reason, more = {}) => {
    const { protect, order } = setup(options);
    expect(await protect(MESSAGE, [to], 'pgp')).toEqual({ kind: 'impossible', reason, ...more });
    expect(order).toEqual([]);
  });

  it('and a failure to seal is no clear copy', async () => {
    const { protect } = setup({ keys: BOTH, failing: 'the content could not be sealed' });
    expect(await protect(MESSAGE, [recipient('a@lab.example')], 'pgp')).toEqual({
      kind: 'impossible',
      reason: 'the content could not be sealed',
    });
  });
});

describe('what rules ask to be rewritten', () => {
  const CLEAN: SealedBody = { ...BODY, size: 7 };
  const message: StoredMessage = { ...MESSAGE, rewritten: [{ copy: 'aa', body: CLEAN }] };
  const asked = (over: Partial<Decision> = {}, address = 'a@lab.example'): StoredRecipient => {
    const decision = systemDecision(address);
    const demand = { ...decision.demand, rewrite: { redact: ['us-ssn'] } };
    return { ...recipient(address), decision: { ...decision, demand, ...over } };
  };
  const COPY_AA = { rewritten: { copy: 'aa', places: 1 } };

  it.each(['plain', 'tls'] as const)('leaves as the copy by %s', async (method) => {
    await expect(setup().protect(message, [asked(COPY_AA)], method)).resolves.toMatchObject({ size: 7 });
  });

  it('is sealed from the copy', async () => {
    const { protect, tasks } = setup({ keys: BOTH });
    await protect(message, [asked(COPY_AA)], 'pgp');
    expect(tasks.map((one) => one.body)).toEqual([CLEAN]);
  });

  it.each([
    ['without a copy', [asked()]],
    ['with a copy that is not there', [asked({ rewritten: { copy: 'bb', places: 1 } })]],
    ['where it is impossible', [asked({ ...COPY_AA, cannotRewrite: 'it is signed' })]],
    ['together with what others get', [asked(COPY_AA), recipient('b@lab.example')]],
  ])('leaves in no form %s', async (_, recipients) => {
    for (const method of METHODS) {
      const copy = await setup({ keys: BOTH }).protect(message, recipients, method);
      expect(copy.kind).toBe('impossible');
    }
  });

  it.each([
    ['in shadow mode', asked({ enforcement: 'shadow' })],
    ['where there was nothing to rewrite', asked({ rewritten: { copy: 'original', places: 0 } })],
  ])('leaves as it came %s', async (_, one) => {
    await expect(setup().protect(message, [one], 'plain')).resolves.toMatchObject({ size: 4 });
  });
});
