import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { isSelector } from '../../config/dkim-schema.js';
import { domain } from '../../config/fields.js';
import {
  DKIM_KEY_TYPES,
  dkimAlgorithm,
  dkimFingerprint,
  dkimRecordName,
  MAX_RSA_BITS,
  MIN_RSA_BITS,
  makeDkimKey,
  publicKeyOf,
} from '../../keys/dkim/key.js';
import { dkimRecordFor, zoneLine } from '../../keys/dkim/record.js';
import type { OwnKey } from '../../model/key.js';
import { UserError } from '../../shared/errors.js';
import { type ActContext, act } from './act.js';

const selector = z
  .string()
  .transform((text) => text.toLowerCase())
  .refine(isSelector, { error: 'must be a selector of a-z, 0-9 and -, such as s2026a' });

/** What the commands answer, and what stands in lists. */
export const dkimKeyResult = z.strictObject({
  domain: z.string(),
  selector: z.string(),
  algorithm: z.string(),
  fingerprint: z.string(),
  record: z.strictObject({
    name: z.string(),
    type: z.literal('TXT'),
    value: z.string(),
    strings: z.array(z.string()),
    /** The line for a zone file. */
    zone: z.string(),
  }),
});
export type DkimKeyResult = z.output<typeof dkimKeyResult>;

/** A key with the record that publishes it. */
export function dkimResult(key: {
  readonly domain: string;
  readonly selector: string;
  readonly spki: Uint8Array;
}): DkimKeyResult {
  const record = dkimRecordFor(key);
  return {
    domain: key.domain,
    selector: key.selector,
    algorithm: dkimAlgorithm(publicKeyOf(key.spki)),
    fingerprint: dkimFingerprint(key.spki),
    record: { ...record, strings: [...record.strings], zone: zoneLine(record) },
  };
}

/**
 * Makes a DKIM key and keeps it sealed. It signs once the configuration names it, so that its record can be published
 * first. A selector never gets another key: mail signed with the one before is still on its way, and records are cached.
 */
export const makeDkim = act(
  z.strictObject({
    domain,
    /** Left out: one by the month, `s202611` for RSA and `e202611` for Ed25519. */
    selector: selector.optional(),
    type: z.enum(DKIM_KEY_TYPES).default('rsa'),
    bits: z.int().min(MIN_RSA_BITS).max(MAX_RSA_BITS).default(MIN_RSA_BITS),
  }),
  async (context, input): Promise<DkimKeyResult> => {
    const { type } = input;
    const month = new Date(context.clock.now()).toISOString().slice(0, 7).replace('-', '');
    const chosen = input.selector ?? `${type === 'rsa' ? 's' : 'e'}${month}`;
    const name = dkimRecordName({ domain: input.domain, selector: chosen });
    if (name.length > 253) throw new UserError(`${name} is longer than a DNS name can be`, { exitStatus: 2 });
    if ((await kept(context, name)) !== undefined)
      throw new UserError(
        `there is a key ${name} already; a new key needs a selector of its own: --selector`,
        { exitStatus: 2 },
      );
    const { spki, pkcs8 } = await makeDkimKey(type, input.bits);
    const result = dkimResult({ domain: input.domain, selector: chosen, spki });
    const owner = { kind: 'dkim', fingerprint: result.fingerprint, address: name } as const;
    await context.store.keys.putOwn(
      {
        ...owner,
        addedAt: context.clock.now(),
        actor: context.actor.name,
        material: spki,
        chain: [],
        sealedSecret: context.sealSecret(owner, pkcs8),
      },
      [auditEvent('dkim-key.made', { actor: context.actor.name, ...about(result) })],
    );
    return result;
  },
);

/** Destroys a kept DKIM key. One that the configuration names stays: mail would wait for it. */
export const removeDkim = act(
  z.strictObject({ domain, selector }),
  async (context, input): Promise<DkimKeyResult> => {
    const name = dkimRecordName(input);
    const row = await kept(context, name);
    if (row === undefined)
      throw new UserError(`no key ${name} is kept here; \`sallyport keys dkim list\` shows them`);
    const { config, file } = context.loaded;
    if (config.dkim.some((one) => one.key === undefined && dkimRecordName(one) === name))
      throw new UserError(
        `${file} has mail signed with ${name}: take it out of \`dkim\` there, reload, and try again`,
      );
    const result = dkimResult({ ...input, spki: row.material });
    await context.store.keys.removeOwn(row.fingerprint, [
      auditEvent('dkim-key.removed', { actor: context.actor.name, ...about(result) }),
    ]);
    return result;
  },
);

async function kept({ store }: ActContext, name: string): Promise<OwnKey | undefined> {
  return (await store.keys.ownKeysFor('dkim', name))[0];
}

function about({ domain: of, selector: by, algorithm, fingerprint }: DkimKeyResult) {
  return { domain: of, selector: by, algorithm, fingerprint };
}
