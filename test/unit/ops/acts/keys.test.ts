import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { printFound } from '../../../../src/cli/keys-view.js';
import type { KeyJudgement } from '../../../../src/keys/types.js';
import type { StoredKey } from '../../../../src/model/key.js';
import { performAct } from '../../../../src/ops/acts/index.js';
import { findResult } from '../../../../src/ops/acts/key-results.js';
import { type KeyStage, keyStage } from './key-stage.js';

const A = `AAAA1111${'0'.repeat(28)}000A`;
const B = `AAAA2222${'0'.repeat(28)}000B`;
const C = `CCCC3333${'0'.repeat(28)}000C`;
const ADA = 'ada@hospital.example';

/** Made-up material: why each can't be used, by the end of its fingerprint; with `pin:` when not even pinned. */
let faults: Readonly<Record<string, string>> = {};
const judgeKey = async ({ kind, fingerprint, source, pinned }: StoredKey): Promise<KeyJudgement> => {
  const end = fingerprint.slice(-4);
  const reason = pinned ? faults[`pin:${end}`] : (faults[`pin:${end}`] ?? faults[end]);
  if (reason !== undefined) return { usable: false, reason };
  const sealing =
    kind === 'x509'
      ? { kind, fingerprint, certificate: Buffer.of(1) }
      : { kind, fingerprint, material: Buffer.of(1), encryptionKey: fingerprint, seipd: 1 as const };
  const facts = { fingerprint, source, algorithm: 'X25519', revocation: 'good' as const };
  return { usable: true, key: { facts, sealing } };
};

let stage: KeyStage;
beforeEach(async () => {
  faults = {};
  stage = await keyStage({ judgeKey });
});
afterEach(() => stage.store.close());

async function put(fingerprint: string, state: StoredKey['state'], more: Partial<StoredKey> = {}) {
  const key: StoredKey = {
    kind: 'openpgp',
    address: ADA,
    fingerprint,
    source: 'wkd',
    state,
    pinned: false,
    firstSeenAt: 1,
    confirmedAt: 1,
    material: Buffer.of(1),
    chain: [],
    ...more,
  };
  expect(await stage.store.keys.put(key, [])).toBe(true);
}

describe('trust', () => {
  it('puts a pending key in the place of the active one', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    expect(await stage.act('keys trust', { fingerprint: B })).toMatchObject({
      changed: [{ kind: 'openpgp', fingerprint: B, address: ADA }],
      stillPending: [],
    });
    expect(stage.rows()).toEqual([`${ADA} 000A replaced`, `${ADA} 000B active`]);
  });

  it.each(['AAAA2222', '0x aaaa 2222', 'AA:AA:22:22', B.slice(-12), B])('knows a key as %s', async (text) => {
    await put(A, 'active');
    await put(B, 'pending');
    await stage.act('keys trust', { fingerprint: text });
    expect(stage.rows()).toContain(`${ADA} 000B active`);
  });

  it('says when keys still wait at the address', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    await put(C, 'pending');
    expect(await stage.act('keys trust', { fingerprint: B })).toMatchObject({ stillPending: [ADA] });
  });

  it('takes a key back only where that is clear', async () => {
    await put(A, 'active');
    await put(B, 'replaced');
    await put(B, 'replaced', { address: 'bob@hospital.example' });
    await expect(stage.act('keys trust', { fingerprint: B })).rejects.toThrow(/--address/);
    await stage.act('keys trust', { fingerprint: B, address: 'ADA@hospital.example' });
    expect(stage.rows()).toEqual([
      `${ADA} 000A replaced`,
      `${ADA} 000B active`,
      'bob@hospital.example 000B replaced',
    ]);
  });

  it('where a key waits means there only', async () => {
    await put(B, 'replaced', { address: 'bob@hospital.example' });
    await put(A, 'active');
    await put(B, 'pending');
    await stage.act('keys trust', { fingerprint: B });
    expect(stage.rows()).toContain('bob@hospital.example 000B replaced');
  });

  it('pins certificates, and nothing else', async () => {
    await put(A, 'active');
    await put(C, 'active', { kind: 'x509' });
    await expect(stage.act('keys trust', { fingerprint: A, pin: true })).rejects.toMatchObject({
      exitStatus: 2,
    });
    await stage.act('keys trust', { fingerprint: C, pin: true });
    expect(stage.rows()).toEqual([`${ADA} 000A active`, `${ADA} 000C active pinned`]);
    await expect(stage.act('keys trust', { fingerprint: C, pin: true })).rejects.toThrow(/in use already/);
  });

  it('of the key in use where another one waits means to refuse that one', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    await put(A, 'replaced', { address: 'bob@hospital.example' });
    await expect(stage.act('keys trust', { fingerprint: A })).rejects.toThrow(new RegExp(`keys reject ${B}`));
    expect(stage.rows()).toContain('bob@hospital.example 000A replaced');
  });

  it('changes nothing for a key in use', async () => {
    await put(A, 'active');
    await expect(stage.act('keys trust', { fingerprint: A })).rejects.toThrow(/in use already/);
  });
});

describe('a key that cannot be used', () => {
  it('is not trusted', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    faults = { '000B': 'expired on 2026-03-01' };
    await expect(stage.act('keys trust', { fingerprint: B })).rejects.toThrow(
      /could not be used for ada@hospital\.example: expired on 2026-03-01/,
    );
    expect(stage.rows()).toEqual([`${ADA} 000A active`, `${ADA} 000B pending`]);
  });

  it('is told apart where it is in use already', async () => {
    await put(C, 'active', { kind: 'x509' });
    faults = { '000C': 'issued by nobody that is trusted (keys.trust_anchors)' };
    await expect(stage.act('keys trust', { fingerprint: C })).rejects.toThrow(
      new RegExp(`in use already.*issued by nobody.*keys trust ${C} --pin`),
    );
    faults = { 'pin:000C': 'expired on 2026-03-01' };
    await expect(stage.act('keys trust', { fingerprint: C })).rejects.toThrow(
      /in use already.*expired on 2026-03-01/,
    );
  });

  it('is not pinned either', async () => {
    await put(C, 'active', { kind: 'x509' });
    faults = { 'pin:000C': 'revoked on 2026-10-01' };
    await expect(stage.act('keys trust', { fingerprint: C, pin: true })).rejects.toThrow(
      /revoked on 2026-10-01/,
    );
    expect(stage.rows()).toEqual([`${ADA} 000C active`]);
  });

  it('for want of a CA alone can be pinned, and that is said', async () => {
    await put(A, 'active', { kind: 'x509' });
    await put(C, 'pending', { kind: 'x509' });
    faults = { '000C': 'issued by nobody that is trusted (keys.trust_anchors)' };
    await expect(stage.act('keys trust', { fingerprint: C })).rejects.toThrow(
      new RegExp(`issued by nobody.*keys trust ${C} --pin`),
    );
    await stage.act('keys trust', { fingerprint: C, pin: true });
    expect(stage.rows()).toEqual([`${ADA} 000A replaced`, `${ADA} 000C active pinned`]);
  });

  it('is not trusted for any of its addresses where one of them fails', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    await put(B, 'pending', { address: 'bob@hospital.example' });
    const { context } = stage;
    const forAdaOnly = {
      ...context,
      judgeKey: async (key: StoredKey) =>
        key.address === ADA ? judgeKey(key) : ({ usable: false, reason: 'expired' } as const),
    };
    await expect(performAct(forAdaOnly, 'keys trust', { fingerprint: B })).rejects.toThrow(/bob@.*expired/);
    expect(stage.rows()).toContain(`${ADA} 000B pending`);
  });
});

describe('reject', () => {
  it('refuses what waits, and nothing else', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    await stage.act('keys reject', { fingerprint: B });
    expect(stage.rows()).toEqual([`${ADA} 000A active`, `${ADA} 000B rejected`]);
    for (const fingerprint of [A, B])
      await expect(stage.act('keys reject', { fingerprint })).rejects.toThrow(/does not wait/);
  });
});

describe('reject, told in full', () => {
  it('names what is used on, and its source', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    expect(await stage.act('keys reject', { fingerprint: B })).toMatchObject({
      usedOn: [{ fingerprint: A, address: ADA, source: 'wkd' }],
      stillInUseFor: [],
    });
  });

  it('names nothing as used where yet another key waits', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    await put(C, 'pending');
    expect(await stage.act('keys reject', { fingerprint: B })).toMatchObject({
      usedOn: [],
      stillPending: [ADA],
    });
  });

  it('says for whom the key is in use all the same', async () => {
    await put(A, 'active');
    await put(B, 'pending');
    await put(B, 'active', { address: 'bob@hospital.example' });
    expect(await stage.act('keys reject', { fingerprint: B })).toMatchObject({
      stillInUseFor: ['bob@hospital.example'],
    });
    await expect(stage.act('keys reject', { fingerprint: B })).rejects.toThrow(
      /in use for bob@hospital\.example/,
    );
  });
});

describe('remove', () => {
  it('of a key that signs points at --own', async () => {
    await stage.store.keys.putOwn(
      {
        kind: 'openpgp',
        fingerprint: A,
        addedAt: 1,
        actor: 'grace',
        material: Buffer.of(1),
        chain: [],
        sealedSecret: Buffer.of(1),
      },
      [],
    );
    await expect(stage.act('keys remove', { fingerprint: A.slice(0, 10) })).rejects.toThrow(
      new RegExp(`keys remove ${A} --own`),
    );
  });

  it('takes a key out, for all addresses or for one', async () => {
    await put(A, 'active');
    await put(A, 'active', { address: 'bob@hospital.example' });
    await stage.act('keys remove', { fingerprint: A, address: 'bob@hospital.example' });
    expect(stage.rows()).toEqual([`${ADA} 000A active`]);
    await expect(
      stage.act('keys remove', { fingerprint: A, address: 'eve@hospital.example' }),
    ).rejects.toThrow(/not one of eve/);
    await stage.act('keys remove', { fingerprint: A });
    expect(stage.rows()).toEqual([]);
    await expect(stage.act('keys remove', { fingerprint: A })).rejects.toThrow(/no key has the fingerprint/);
  });
});

describe('a fingerprint', () => {
  it('must mean one key', async () => {
    await put(A, 'active');
    await put(A.replace('000A', '111A'), 'pending');
    await expect(stage.act('keys remove', { fingerprint: 'AAAA1111' })).rejects.toThrow(
      /fits 2 keys.*more digits/,
    );
    await stage.act('keys remove', { fingerprint: A.slice(-20) });
    expect(stage.rows()).toHaveLength(1);
  });

  it.each(['', 'AAAA111', 'not hexadecimal', `${A}${A}`, '%%%%%%%%'])('is not %j', async (fingerprint) => {
    await expect(stage.act('keys remove', { fingerprint })).rejects.toMatchObject({ exitStatus: 2 });
  });
});

describe('find', () => {
  it('tells what would be used, and why the rest is not', async () => {
    await stage.store.close();
    stage = await keyStage({
      findKeys: async () => ({
        openpgp: {
          usable: [
            {
              facts: { fingerprint: A, source: 'wkd', algorithm: 'X25519', revocation: 'good' },
              sealing: {
                kind: 'openpgp',
                fingerprint: A,
                material: Buffer.of(1),
                encryptionKey: A,
                seipd: 1,
              },
            },
          ],
          refused: [],
        },
        x509: { usable: [], refused: [{ source: 'ldap', reason: 'the directory was late' }] },
      }),
    });
    expect(await stage.act('keys find', { address: 'ada@HOSPITAL.example' })).toEqual({
      address: ADA,
      openpgp: {
        usable: [{ fingerprint: A, source: 'wkd', algorithm: 'X25519', revocation: 'good' }],
        refused: [],
      },
      x509: { usable: [], refused: [{ source: 'ldap', reason: 'the directory was late' }] },
    });
    await expect(stage.act('keys find', { address: 'nobody' })).rejects.toMatchObject({ exitStatus: 2 });
  });

  it('shows a certificate whose revocation is not known, and why', async () => {
    await stage.store.close();
    stage = await keyStage({
      findKeys: async () => ({
        openpgp: { usable: [], refused: [] },
        x509: {
          usable: [
            {
              facts: {
                fingerprint: C,
                source: 'imported',
                algorithm: 'P-256',
                revocation: 'undetermined',
                detail: 'its CA could not be asked',
              },
              sealing: { kind: 'x509', fingerprint: C, certificate: Buffer.of(1) },
            },
          ],
          refused: [],
        },
      }),
    });
    // As it travels to the command line.
    const answer = findResult.parse(
      JSON.parse(JSON.stringify(await stage.act('keys find', { address: ADA }))),
    );
    expect(answer.x509.usable).toMatchObject([
      { revocation: 'undetermined', detail: 'its CA could not be asked' },
    ]);
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      printFound(answer);
      expect(written.mock.calls.join('')).toMatch(/P-256 +imported +undetermined: its CA could not be asked/);
    } finally {
      written.mockRestore();
    }
  });
});
