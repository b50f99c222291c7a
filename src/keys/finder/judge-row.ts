import type { StoredKey } from '../../model/key.js';
import type { KeyStore } from '../../store/ports.js';
import type { KeyJudgement, ReadKey } from '../types.js';
import { copiesElsewhere } from './copies-elsewhere.js';
import { type JudgeContext, judgeKey } from './judge-key.js';

/**
 * Whether a kept key may be used for an address now. Of an OpenPGP key every copy counts that is known, whatever its
 * address: a revocation that came with one of them holds for all.
 * @param given what sources gave meanwhile
 * @throws StoreUnavailable
 */
export async function judgeRow(
  row: StoredKey,
  address: string,
  context: JudgeContext & { readonly store: Pick<KeyStore, 'list'> },
  given: readonly ReadKey[] = [],
): Promise<KeyJudgement> {
  const { kind, source, fingerprint } = row;
  if (kind !== 'openpgp') return judgeKey(row, address, source, context);
  const elsewhere = await copiesElsewhere(fingerprint, [row.address], context.store);
  const meanwhile = given.filter((key) => key.fingerprint === fingerprint);
  let { material } = row;
  try {
    for (const copy of [...elsewhere, ...meanwhile.map((key) => key.material)])
      if (!Buffer.from(copy).equals(material)) material = await context.judges.mergeOpenPgp(material, copy);
  } catch {
    // What is in the other copy could be a revocation.
    return { usable: false, reason: 'its copies could not be put together' };
  }
  return judgeKey({ ...row, material }, address, source, context);
}
