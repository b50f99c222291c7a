import { writeFileSync } from 'node:fs';
import { loadConfig } from '../config/load.js';
import { fingerprintDigits, fingerprintFits } from '../keys/fingerprint.js';
import { armour } from '../keys/openpgp/index.js';
import { certificatePem } from '../keys/x509/index.js';
import { KEY_STATES, type KeyKind, type KeyState, type StoredKey, signsContent } from '../model/key.js';
import { oneFingerprint } from '../ops/acts/key-rows.js';
import { errorText, UserError } from '../shared/errors.js';
import { foldAddress } from '../shared/fold-address.js';
import { givenMailbox } from '../shared/given-mailbox.js';
import { openReadOnly } from '../store/read-only.js';
import { configFile } from './config-option.js';
import { keyJson, kindName, ownKeyJson, printKeys, printOwnKeys, selfDescription } from './keys-view.js';
import { printable, printJson, printLine } from './print.js';

interface Common {
  readonly config: string;
  readonly json?: boolean;
}

const MAX_ROWS = 10_000;

/** `sallyport keys list`. */
export async function listKeys(
  wanted: string | undefined,
  options: Common & {
    readonly pending?: boolean;
    readonly own?: boolean;
    readonly removed?: boolean;
    readonly kind?: KeyKind;
    readonly limit: string;
  },
): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new UserError('--limit must be a positive number', { exitStatus: 2 });
  const address = wanted === undefined ? undefined : givenMailbox(wanted, 'the address').address;
  const { dataDir } = await loadConfig(configFile(options));
  const ofKind = (one: { readonly kind: KeyKind }) => options.kind === undefined || one.kind === options.kind;
  if (options.own === true) {
    const own = openReadOnly(dataDir, (store) => store.ownKeys())
      .filter(signsContent)
      .filter(ofKind)
      .filter((one) => address === undefined || foldAddress(one.address ?? '') === foldAddress(address));
    if (options.json === true) printJson(own.map(ownKeyJson));
    else printOwnKeys(own);
    return;
  }
  const states = KEY_STATES.filter((state) =>
    options.removed === true || options.pending === true
      ? (options.removed === true && state === 'removed') || (options.pending === true && state === 'pending')
      : state !== 'removed',
  );
  const found = openReadOnly(dataDir, (store) =>
    address === undefined
      ? store.keys({
          ...(options.kind === undefined ? {} : { kind: options.kind }),
          states,
          limit,
        })
      : store
          .keysFor(address)
          .filter(ofKind)
          .filter((one) => states.includes(one.state))
          .slice(0, limit),
  );
  if (options.json === true) printJson(found.map(keyJson));
  else printKeys(found);
}

/** `sallyport keys show`. */
export async function showKey(text: string, options: Common): Promise<void> {
  const digits = digitsOf(text);
  const { dataDir } = await loadConfig(configFile(options));
  const { rows, own } = byFingerprint(dataDir, digits, KEY_STATES);
  const first = rows[0] ?? own[0];
  if (first === undefined) throw unknown(digits);
  const described = await selfDescription(first);
  if (options.json === true) {
    printJson({
      kind: first.kind,
      fingerprint: first.fingerprint,
      ...Object.fromEntries(described.map(([, field, value]) => [field, value])),
      certificatesBesides: first.chain.length,
      addresses: rows.map(keyJson),
      signs: own.map(ownKeyJson),
    });
    return;
  }
  printLine(`${kindName(first.kind)} ${first.fingerprint}`);
  for (const [label, , value] of described) printLine(`${label.padEnd(11)} ${printable(value)}`);
  if (rows.length > 0) printKeys(rows);
  if (own.length > 0) printOwnKeys(own);
}

/** `sallyport keys export`: public parts only. */
export async function exportKeys(wanted: string, options: Common & { readonly out?: string }): Promise<void> {
  const { dataDir } = await loadConfig(configFile(options));
  const found = wanted.includes('@')
    ? inUse(dataDir, givenMailbox(wanted, 'the address').address)
    : oneKey(dataDir, digitsOf(wanted));
  const text = found
    .map((key) => (key.kind === 'openpgp' ? armour(key.material) : certificatePem(key.material)))
    .map((block) => (block.endsWith('\n') ? block : `${block}\n`))
    .join('');
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(options.out, text, { flag: 'wx' });
  } catch (cause) {
    throw new UserError(`cannot write ${options.out}: ${errorText(cause)}`, { cause });
  }
}

type Exported = Pick<StoredKey, 'kind' | 'fingerprint' | 'material'>;

function inUse(dataDir: string, address: string): readonly Exported[] {
  const active = openReadOnly(dataDir, (store) => store.keysFor(address)).filter(
    (one) => one.state === 'active',
  );
  if (active.length === 0)
    throw new UserError(`no key is in use for ${address}; \`sallyport keys find ${address}\` looks for one`);
  return active;
}

function oneKey(dataDir: string, digits: string): readonly Exported[] {
  const { rows, own } = byFingerprint(
    dataDir,
    digits,
    KEY_STATES.filter((state) => state !== 'removed'),
  );
  const key = rows[0] ?? own[0];
  if (key === undefined) throw unknown(digits);
  return [key];
}

function byFingerprint(dataDir: string, digits: string, states: readonly KeyState[]) {
  const found = openReadOnly(dataDir, (store) => ({
    rows: store.keys({ abbreviated: digits, states, limit: MAX_ROWS }),
    own: store
      .ownKeys()
      .filter(signsContent)
      .filter((one) => fingerprintFits(one.fingerprint, digits)),
  }));
  oneFingerprint([...found.rows, ...found.own], digits);
  return found;
}

function digitsOf(text: string): string {
  const digits = fingerprintDigits(text);
  if (digits === undefined)
    throw new UserError(`${text} is not a fingerprint, nor 8 digits or more of its beginning or end`, {
      exitStatus: 2,
    });
  return digits;
}

function unknown(digits: string): UserError {
  return new UserError(`no key has the fingerprint ${digits}; \`sallyport keys list\` shows them`);
}
