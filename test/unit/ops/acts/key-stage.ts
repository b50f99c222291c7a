import { pino } from 'pino';
import { loadConfig } from '../../../../src/config/load.js';
import { judgeKey } from '../../../../src/keys/finder/judge-key.js';
import { judgeOpenPgp, mergeOpenPgp } from '../../../../src/keys/openpgp/index.js';
import { createSigningKeys, secretSealer } from '../../../../src/keys/own/index.js';
import type { RevocationAnswer, SigningKeys } from '../../../../src/keys/types.js';
import { judgeCertificate, loadTrustAnchors } from '../../../../src/keys/x509/index.js';
import type { StoredKey } from '../../../../src/model/key.js';
import { type ActContext, performAct } from '../../../../src/ops/acts/index.js';
import type { Json } from '../../../../src/shared/canonical-json.js';
import type { Store } from '../../../../src/store/index.js';
import { openReadOnly } from '../../../../src/store/read-only.js';
import { TEST_NOW } from '../../../support/x509-authority.js';
import { actContext, openActStore } from './act-stage.js';

/** A real store with the acts on keys around it. */
export interface KeyStage {
  readonly store: Store;
  readonly dataDir: string;
  readonly context: ActContext;
  readonly signingKeys: SigningKeys;
  /** What CAs say of every certificate that is asked for. */
  revocation: RevocationAnswer;
  act(name: string, input: Json): Promise<unknown>;
  /** `address fingerprint's-end state` of every row. */
  rows(): readonly string[];
  stored(address: string): Promise<readonly StoredKey[]>;
}

export async function keyStage(more: Partial<ActContext> = {}): Promise<KeyStage> {
  const clock = { now: () => TEST_NOW };
  const log = pino({ level: 'silent' });
  const { store, dataDir, masterKey } = await openActStore(clock);
  const loaded = more.loaded ?? (await loadConfig('config.example.yaml'));
  const { keys } = loaded.config;
  const judging = {
    judges: { openPgp: judgeOpenPgp, certificate: judgeCertificate, mergeOpenPgp },
    revocation: { check: async () => stage.revocation },
    anchors: await loadTrustAnchors(
      keys.trust_anchors.map(({ file, revocation }) => ({ file: loaded.path(file), revocation })),
    ),
    limits: { localPart: keys.local_part, minRsaBits: keys.min_rsa_bits, curves: keys.curves },
    clock,
    onJudgeFailure: (error: unknown) => {
      throw error;
    },
  };
  const context = actContext({
    loaded,
    store,
    clock,
    actor: { kind: 'operator', name: 'grace', roles: ['administrator'] },
    judgeKey: (key) => judgeKey(key, key.address, key.source, judging),
    sealSecret: secretSealer(masterKey),
    ...more,
  });
  const stage: KeyStage = {
    store,
    revocation: { status: 'undetermined' },
    dataDir,
    context,
    signingKeys: createSigningKeys({ store: store.keys, masterKey, clock, log }),
    act: (name, input) => performAct(context, name, input),
    rows: () =>
      openReadOnly(dataDir, (read) => read.keys({ limit: 100 })).map(
        (row) => `${row.address} ${row.fingerprint.slice(-4)} ${row.state}${row.pinned ? ' pinned' : ''}`,
      ),
    stored: (address) => store.keys.keysFor(address),
  };
  return stage;
}

export function input(key: {
  readonly kind: 'openpgp' | 'x509';
  readonly material: Uint8Array;
  readonly chain?: readonly Uint8Array[];
}) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { kind: key.kind, material: base64(key.material), chain: (key.chain ?? []).map(base64) };
}
