import { randomBytes } from 'node:crypto';
import { generate } from 'otplib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/audit/events.js';
import type { Operator } from '../../../../src/model/operator.js';
import { createOperatorLogin, type LoginFrom } from '../../../../src/ops/operators/login.js';
import { hashToken, newToken } from '../../../../src/ops/operators/token.js';
import { operatorTotp } from '../../../../src/ops/operators/totp.js';
import { parseKey } from './master-key.js';

const HERE: LoginFrom = { clientKey: 'local', secondFactor: 'where-enrolled', remember: true };
const PAGE: LoginFrom = {
  clientKey: '192.0.2.0/24',
  clientAddress: '192.0.2.7',
  secondFactor: 'always',
  remember: false,
};
const token = newToken();
let tokenHash: string;
beforeAll(async () => {
  tokenHash = await hashToken(token);
});

const totp = operatorTotp(parseKey(randomBytes(32)), () => 'Example Clinic');

async function stage(more: Partial<Operator> & { readonly factor?: boolean } = {}) {
  const { factor = true, ...set } = more;
  const enrolled = totp.enrol('rita');
  const rows = new Map<string, Operator>();
  const events: AuditEvent[] = [];
  let now = 1_800_000_000_000;
  rows.set('rita', {
    name: 'rita',
    roles: ['reviewer'],
    tokenHash,
    ...(factor ? { sealedTotp: enrolled.sealed } : {}),
    totpStep: 0,
    failures: 0,
    disabled: false,
    createdAt: 0,
    changedAt: 0,
    ...set,
  });
  const login = await createOperatorLogin({
    config: () => ({
      login: { failures_per_client: 10, window: 900_000 },
      operators: { code_every: 600_000 },
    }),
    store: {
      operators: {
        operator: async (name) => rows.get(name),
        put: async (operator, expected, recorded) => {
          if (rows.get(operator.name) !== expected) return false;
          rows.set(operator.name, operator);
          events.push(...recorded);
          return true;
        },
      },
      audit: { record: async (recorded) => void events.push(...recorded) },
    },
    totp,
    clock: { now: () => now },
  });
  const code = () => generate({ secret: enrolled.secret, epoch: Math.floor(now / 1000) });
  const tell = async (
    credentials: { readonly token?: string; readonly code?: string; readonly operator?: string },
    from = HERE,
  ) => {
    const answer = await login.authenticate({ operator: 'rita', token, ...credentials }, from);
    return answer.ok ? answer.actor : answer.refusal;
  };
  return {
    tell,
    code,
    rows,
    events,
    later: (ms: number) => {
      now += ms;
    },
  };
}

const RITA = { kind: 'operator', name: 'rita', roles: ['reviewer'], asOf: 0 };

describe('an operator', () => {
  it('is let in by token and code, once with each code', async () => {
    const { tell, code, later, events } = await stage();
    const first = await code();
    expect(await tell({ code: first }, PAGE)).toEqual(RITA);
    expect(await tell({ code: first }, PAGE)).toBe('code-wrong');
    later(30_000);
    expect(await tell({ code: await code() }, PAGE)).toEqual(RITA);
    expect(events.map(({ type }) => type)).toEqual([
      'operator.logged-in',
      'operator.login-failed',
      'operator.logged-in',
    ]);
    expect(events[0]?.data).toEqual({ operator: 'rita', clientAddress: '192.0.2.7', secondFactor: true });
  });

  it('gives a code every ten minutes on the command line, and each time on the page', async () => {
    const { tell, code, later, rows } = await stage();
    expect(await tell({})).toBe('code-needed');
    expect(await tell({ code: await code() })).toEqual(RITA);
    expect(await tell({})).toEqual(RITA);
    expect(await tell({}, PAGE)).toBe('code-needed');
    expect(await tell({ token: newToken() })).toBe('wrong');
    later(599_000);
    expect(await tell({})).toEqual(RITA);
    const row = rows.get('rita');
    if (row !== undefined) rows.set('rita', { ...row, changedAt: 5 });
    expect(await tell({})).toBe('code-needed');
    if (row !== undefined) rows.set('rita', row);
    later(1_000);
    expect(await tell({})).toBe('code-needed');
  });

  it('without second factor works from programs, not on the page', async () => {
    const { tell } = await stage({ factor: false });
    expect(await tell({})).toEqual(RITA);
    expect(await tell({}, PAGE)).toBe('no-second-factor');
  });

  it('who is disabled, unknown, or has another token is told the same', async () => {
    const disabled = await stage({ disabled: true });
    expect(await disabled.tell({ code: await disabled.code() })).toBe('wrong');
    const { tell, code, events } = await stage();
    expect(await tell({ operator: 'nobody', code: await code() })).toBe('wrong');
    expect(await tell({ token: 'sallyport-wrong', code: await code() })).toBe('wrong');
    expect(events).toMatchObject([
      { data: { reason: 'no such operator' } },
      { data: { operator: 'rita', reason: 'wrong token' } },
    ]);
    // What was typed as a name may be a password.
    expect(JSON.stringify(events)).not.toContain('nobody');
  });

  it('is locked by wrong codes beside the right token, for longer and longer, and by nothing else', async () => {
    const { tell, code, later, rows } = await stage();
    for (let i = 0; i < 4; i++) expect(await tell({ code: '000000' }, PAGE)).toBe('code-wrong');
    expect(await tell({ code: '000000' }, PAGE)).toBe('code-wrong');
    expect(await tell({ code: await code() }, PAGE)).toBe('locked');
    later(61_000);
    expect(await tell({ code: await code() }, PAGE)).toEqual(RITA);
    expect(rows.get('rita')?.failures).toBe(0);

    const other = await stage();
    for (let i = 0; i < 10; i++) expect(await other.tell({ token: 'x', code: '000000' }, PAGE)).toBe('wrong');
    expect(await other.tell({ code: await other.code() }, PAGE)).toBe('too-many');
    expect(await other.tell({ code: await other.code() })).toEqual(RITA);
    expect(other.rows.get('rita')?.failures).toBe(0);
    other.later(900_001);
    expect(await other.tell({ code: await other.code() }, PAGE)).toEqual(RITA);
  });

  it('uses up a code once, however many try it at once', async () => {
    const { tell, code } = await stage();
    const same = await code();
    const answers = await Promise.all([1, 2, 3].map(() => tell({ code: same }, PAGE)));
    expect(answers.filter((one) => one !== 'code-wrong')).toEqual([RITA]);
  });
});
