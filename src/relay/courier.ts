import {
  type Courier,
  type CourierDeps,
  createCourier,
  createResolver,
  ownMail,
  type Resolver,
} from '../deliver/index.js';
import type { DkimKeys } from '../keys/dkim/index.js';
import { createSigningKeys } from '../keys/index.js';
import { createPlaceInPortal, createRemind } from '../portal/index.js';
import { createDkimSigning, createProtect, createSealer } from '../protect/index.js';
import type { Protect } from '../protect/types.js';
import { copyAccess } from '../store/copies.js';
import { deriveKey } from '../store/index.js';
import { workThreads } from './load.js';
import { DRAIN_MS, type RelayParts } from './parts.js';

/** The protect and deliver stages. The courier does nothing before it is started. */
export function createRelayCourier(
  parts: RelayParts,
  deps: {
    readonly dkimKeys: DkimKeys;
    readonly whileUnread: NonNullable<CourierDeps['whileUnread']>;
    /** Undefined: as the configuration has it. */
    readonly resolver: Resolver | undefined;
  },
): Courier {
  const { masterKey, opened, reloadable, closers, failure, clock, log, metrics } = parts;
  const { store } = opened;
  const { loaded } = reloadable;
  const inPortal = {
    loaded,
    portal: store.portal,
    bodies: store.bodies,
    ownMail,
    codeKey: deriveKey(masterKey, 'portal-code'),
  };
  const courier = createCourier({
    loaded,
    queue: store.queue,
    portalItems: store.portal,
    bodies: store.bodies,
    tlsMemory: store.tlsMemory,
    suppressions: store.suppressions,
    fresh: opened.takeDecided,
    watch: opened.watch,
    audit: store.audit,
    protect: createProtection(parts, deps.dkimKeys),
    placeInPortal: createPlaceInPortal(inPortal),
    whileUnread: deps.whileUnread,
    remind: createRemind({ ...inPortal, queue: store.queue, clock, log }),
    loopKey: deriveKey(masterKey, 'loop'),
    resolver: deps.resolver ?? createResolver(loaded().config.dns),
    clock,
    log,
    metrics,
    onFailure: failure.report,
  });
  closers.add(() => courier.stop(DRAIN_MS));
  // What came of an attempt could not be recorded any more.
  failure.whenFailed(() => void courier.stop(0));
  return courier;
}

/** Makes the copy that a recipient may get, and signs it for its domain. */
function createProtection(parts: RelayParts, dkimKeys: DkimKeys): Protect {
  const { masterKey, opened, reloadable, closers, clock, log, metrics } = parts;
  const { store } = opened;
  const { loaded, findKeys } = reloadable;
  const { config, dataDir } = loaded();
  const sealer = createSealer({
    threads: workThreads(config),
    access: () => copyAccess(dataDir, masterKey),
    log,
  });
  closers.add(() => sealer.close());
  const dkimSigned = createDkimSigning({ loaded, keys: dkimKeys, clock, log, metrics });
  return dkimSigned(
    createProtect({
      bodies: store.bodies,
      audit: store.audit,
      config: () => loaded().config.protect,
      hostname: () => loaded().config.hostname,
      findKeys: async (address, kind) => (await findKeys(address, [kind]))[kind],
      signingKeys: createSigningKeys({ store: store.keys, masterKey, clock, log }),
      seal: (task) => sealer.seal(task),
      clock,
      log,
    }),
  );
}
