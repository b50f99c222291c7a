import * as openpgp from 'openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWkd } from '../../../../src/keys/discovery/wkd.js';
import { createKeyFinder } from '../../../../src/keys/finder/index.js';
import { judgeOpenPgp, mergeOpenPgp } from '../../../../src/keys/openpgp/index.js';
import type { KeyFinder } from '../../../../src/keys/types.js';
import { judgeCertificate } from '../../../../src/keys/x509/index.js';
import { answer, type Behaviour } from '../../../support/hostile-http.js';
import { createMemoryKeyStore, type MemoryKeyStore } from '../../../support/memory-key-store.js';
import {
  describeKeyObject,
  generateKeyObject,
  KEYS_MADE_AT,
  makeKey,
} from '../../../support/openpgp-keys.js';
import { startWkdServer, type WkdServer } from '../../../support/wkd-server.js';

const ADDRESS = 'joe.doe@example.org';
const PATH = '/.well-known/openpgpkey/example.org/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q';
const HOUR = 3_600_000;

describe('a directory, the judge and the store together', () => {
  let says: Behaviour;
  let server: WkdServer;
  let store: MemoryKeyStore;
  let finder: KeyFinder;
  let now: number;
  beforeAll(async () => {
    server = await startWkdServer(['openpgpkey.example.org', 'example.org'], {
      [PATH]: (socket, request) => says(socket, request),
    });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    store = createMemoryKeyStore();
    now = KEYS_MADE_AT + 24 * HOUR;
    finder = createKeyFinder({
      store,
      directories: {
        ldap: [],
        wkd: [
          createWkd({
            fetch: server.fetch,
            ca: server.ca,
            config: { timeout: 20_000, max_size: 100_000, cache: HOUR, deny_domains: [] },
          }),
        ],
      },
      judges: { openPgp: judgeOpenPgp, certificate: judgeCertificate, mergeOpenPgp },
      revocation: { check: async () => ({ status: 'undetermined' }) },
      anchors: [],
      limits: { localPart: 'ignore-case', minRsaBits: 2048, curves: ['X25519'] },
      failureCache: 1,
      clock: { now: () => now },
      log: { warn: () => undefined, error: () => undefined },
      logAddresses: 'domains',
      record: true,
    });
  });
  const find = async () => {
    now += HOUR;
    const { openpgp: found } = await finder.find(ADDRESS, { kinds: ['openpgp'], sources: ['wkd'] });
    return found.usable[0]?.facts.fingerprint ?? found.refused.map((one) => one.reason);
  };
  const key = (userId: string) => makeKey({ userIds: [userId], type: 'curve25519legacy' });
  const events = () => store.events.map((event) => event.type);

  it('a key of somebody else is neither used nor kept', async () => {
    says = answer((await key('Eve <eve@example.org>')).publicBinary);
    expect(await find()).toEqual(['no user ID with a valid self-signature names this address']);
    expect(store.rows).toEqual([]);
  });

  it('the first key is kept, the next one waits for a person', async () => {
    const [first, second] = [await key('Joe <joe.doe@example.org>'), await key('<Joe.Doe@Example.org>')];
    says = answer(first.publicBinary);
    expect(await find()).toBe(first.fingerprint);
    expect(await find()).toBe(first.fingerprint);
    expect(events()).toEqual(['key.discovered']);
    says = answer(second.publicBinary);
    expect(await find()).toContainEqual(expect.stringContaining('a person must decide'));
    expect(events()).toEqual(['key.discovered', 'key.pending']);
  });

  it('a revocation is kept, also when the directory goes back to the copy without', async () => {
    const made = await generateKeyObject({
      userIds: ['Joe <joe.doe@example.org>'],
      type: 'curve25519legacy',
    });
    const { publicBinary, fingerprint } = describeKeyObject(made);
    const { publicKey } = await openpgp.revokeKey({ key: made, format: 'object', date: new Date(now) });
    says = answer(publicBinary);
    expect(await find()).toBe(fingerprint);
    says = answer(publicKey.write());
    expect(await find()).toContainEqual(expect.stringContaining('revoked'));
    says = answer(publicBinary);
    expect(await find()).toContainEqual(expect.stringContaining('revoked'));
    expect(events()).toEqual(['key.discovered', 'key.updated']);
  });
});
