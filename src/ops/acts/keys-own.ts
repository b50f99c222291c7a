import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { whyCertificateCannotSign } from '../../keys/own/signing-certificate.js';
import { parseOpenPgpSecret, whyOpenPgpCannotSign } from '../../keys/own/signing-openpgp.js';
import type { ReadKey } from '../../keys/types.js';
import { domainOf } from '../../shared/domain-of.js';
import { UserError } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import { act } from './act.js';
import { keyAddress, keyMaterial, keyReference, readMaterial } from './key-input.js';
import type { DecideResult, ImportOwnResult } from './key-results.js';
import { rowsOfOwnKey } from './key-rows.js';

/** Takes a secret key for signing: of one sender, or of the gateway. It comes opened, and is sealed here. */
export const importOwnKey = act(
  keyMaterial.extend({
    secret: z.base64(),
    address: keyAddress.optional(),
    /** It is to be the gateway's, whatever address it names. */
    gateway: z.boolean().default(false),
  }),
  async (context, input): Promise<ImportOwnResult> => {
    const { secret: secretText, address, gateway, ...given } = input;
    const secret = Buffer.from(secretText, 'base64');
    const key = await readMaterial(given);
    if (key === undefined) throw new UserError('it is not one whole key');
    const { kind, fingerprint } = key;
    if (address !== undefined && !key.addresses.some((one) => foldAddress(one) === foldAddress(address)))
      throw new UserError(`the key ${fingerprint} does not name ${address}: it can't sign its mail`);
    if (address !== undefined && gateway)
      throw new UserError('a key signs for one sender or for the gateway: --for or --gateway', {
        exitStatus: 2,
      });
    const { domains } = context.loaded.config.organisation;
    // Somebody's private key in a pile of files would sign everybody's mail.
    if (address === undefined && !gateway && !key.addresses.some((one) => domains.includes(domainOf(one))))
      throw new UserError(
        `the key ${fingerprint} names no address of organisation.domains: say whose mail it signs (--for ADDRESS), or that it is to be the gateway's all the same (--gateway)`,
      );
    const problem =
      kind === 'openpgp'
        ? await whyNotOpenPgp(key, secret, context.clock.now())
        : whyNotCertificate(key, secret, context.clock.now());
    if (problem !== undefined) throw new UserError(`the key ${fingerprint} can't sign: ${problem}`);
    const owner = { kind, fingerprint, ...(address === undefined ? {} : { address }) };
    const before = (await context.store.keys.ownKeys()).find(
      (row) => row.kind === kind && foldAddress(row.address ?? '') === foldAddress(address ?? ''),
    );
    await context.store.keys.putOwn(
      {
        ...owner,
        addedAt: context.clock.now(),
        actor: context.actor.name,
        material: key.material,
        chain: key.chain,
        sealedSecret: context.sealSecret(owner, secret),
      },
      [
        ...(before === undefined || before.fingerprint === fingerprint
          ? []
          : [
              auditEvent('own-key.removed', {
                actor: context.actor.name,
                kind,
                fingerprint: before.fingerprint,
                ...(before.address === undefined ? {} : { address: before.address }),
              }),
            ]),
        auditEvent('own-key.imported', { actor: context.actor.name, ...owner }),
      ],
    );
    return {
      ...owner,
      algorithm: key.algorithm,
      ...(before === undefined || before.fingerprint === fingerprint ? {} : { replaced: before.fingerprint }),
    };
  },
);

/** Destroys a signing key, for every sender that it signs for. */
export const removeOwnKey = act(
  z.strictObject({ fingerprint: keyReference }),
  async (context, input): Promise<DecideResult> => {
    const rows = await rowsOfOwnKey(context.store.keys, input.fingerprint);
    const changed = rows.map(({ kind, fingerprint, address }) => ({
      kind,
      fingerprint,
      ...(address === undefined ? {} : { address }),
    }));
    await context.store.keys.removeOwn(
      rows[0].fingerprint,
      changed.map((one) => auditEvent('own-key.removed', { actor: context.actor.name, ...one })),
    );
    return { changed, stillPending: [], usedOn: [], stillInUseFor: [] };
  },
);

async function whyNotOpenPgp(key: ReadKey, secret: Uint8Array, now: number): Promise<string | undefined> {
  try {
    const parsed = await parseOpenPgpSecret(secret);
    if (parsed.getFingerprint().toUpperCase() !== key.fingerprint)
      return 'its secret and public parts are of different keys';
    return await whyOpenPgpCannotSign(parsed, now);
  } catch {
    return 'its secret part can’t be read';
  }
}

function whyNotCertificate(key: ReadKey, secret: Buffer, now: number): string | undefined {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  } catch {
    return 'its secret part can’t be read';
  }
  if (!new X509Certificate(key.material).checkPrivateKey(privateKey))
    return 'its secret part belongs to another certificate';
  return whyCertificateCannotSign(key.material, now);
}
