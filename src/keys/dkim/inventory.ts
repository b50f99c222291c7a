import type { LoadedConfig } from '../../config/load.js';
import type { OwnKey } from '../../model/key.js';
import { errorText } from '../../shared/errors.js';
import {
  dkimAlgorithm,
  dkimFingerprint,
  dkimRecordName,
  fromRecordName,
  publicKeyOf,
  spkiOf,
} from './key.js';
import { readDkimKeyFile } from './signing-keys.js';

/** A DKIM key that is kept, named by the configuration, or both. */
export interface DkimKeyState {
  readonly domain: string;
  readonly selector: string;
  readonly kept: 'sealed' | 'in a file';
  /** What the configuration has it sign; absent: it doesn't name the key. */
  readonly signs?: 'changed' | 'all';
  /** The public part; absent where there is none, see `problem`. */
  readonly key?: { readonly spki: Uint8Array; readonly algorithm: string; readonly fingerprint: string };
  /** Why it can't sign: the relay refuses to start with it. */
  readonly problem?: string;
  /** When it was made, epoch milliseconds, and by whom; of kept keys. */
  readonly addedAt?: number;
  readonly actor?: string;
}

/**
 * All DKIM keys: those of the configuration in its order, then those that are kept and wait to be named there.
 * @param own the gateway's own keys of all kinds
 */
export async function dkimInventory(
  loaded: LoadedConfig,
  own: readonly OwnKey[],
): Promise<readonly DkimKeyState[]> {
  const kept = new Map(own.filter((one) => one.kind === 'dkim').map((one) => [one.address ?? '', one]));
  const states: DkimKeyState[] = [];
  for (const entry of loaded.config.dkim) {
    const { domain, selector, sign: signs } = entry;
    if (entry.key !== undefined) {
      states.push({
        domain,
        selector,
        kept: 'in a file',
        signs,
        ...(await fromFile(loaded.path(entry.key))),
      });
      continue;
    }
    const row = kept.get(dkimRecordName(entry));
    const found =
      row === undefined
        ? { problem: `it is not kept: \`sallyport keys dkim ${domain} --selector ${selector}\` makes it` }
        : aboutKept(row);
    states.push({ domain, selector, kept: 'sealed', signs, ...found });
  }
  for (const [name, row] of kept) {
    const place = fromRecordName(name);
    const named = loaded.config.dkim.some((one) => one.key === undefined && dkimRecordName(one) === name);
    if (place !== undefined && !named) states.push({ ...place, kept: 'sealed', ...aboutKept(row) });
  }
  return states;
}

function aboutKept(row: OwnKey): Pick<DkimKeyState, 'key' | 'addedAt' | 'actor'> {
  return { key: publicPart(row.material), addedAt: row.addedAt, actor: row.actor };
}

async function fromFile(path: string): Promise<Pick<DkimKeyState, 'key' | 'problem'>> {
  try {
    return { key: publicPart(spkiOf(await readDkimKeyFile(path))) };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

function publicPart(spki: Uint8Array) {
  return { spki, algorithm: dkimAlgorithm(publicKeyOf(spki)), fingerprint: dkimFingerprint(spki) };
}
