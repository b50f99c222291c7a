import type {
  AccountStore,
  AuditSink,
  KeyStore,
  LegalHoldStore,
  OperatorStore,
  PortalStore,
  QueueStore,
  Store,
  SuppressionStore,
  TlsMemory,
} from './ports.js';
import type { WriterClient } from './writer-client.js';

/** The ports as calls to the writer thread. */
export function storePorts(
  writer: WriterClient,
): Pick<
  Store,
  | 'queue'
  | 'portal'
  | 'accounts'
  | 'operators'
  | 'tlsMemory'
  | 'suppressions'
  | 'keys'
  | 'audit'
  | 'legalHolds'
  | 'pruneAudit'
  | 'auditHead'
> {
  return {
    queue: queuePort(writer),
    portal: portalPort(writer),
    accounts: accountPort(writer),
    operators: operatorPort(writer),
    tlsMemory: tlsPort(writer),
    suppressions: suppressionPort(writer),
    keys: keyPort(writer),
    audit: auditPort(writer),
    legalHolds: legalHoldPort(writer),
    pruneAudit: (input) => writer.pruneAudit(input),
    auditHead: () => writer.auditHead(),
  };
}

function queuePort({ call }: WriterClient): QueueStore {
  return {
    async insert(message, events) {
      await call('insertMessage', message, events);
    },
    message: (id) => call('message', id),
    recipients: (messageId) => call('recipients', messageId),
    contentKey: (messageId) => call('contentKey', messageId),
    undecided: (limit) => call('undecided', limit),
    beginInspection: (id) => call('beginInspection', id),
    async apply(change, events) {
      const changed = await call('applyChange', change, events);
      return changed === false ? [] : changed;
    },
    due: (now, limit, filter = {}) => call('due', { now, limit, filter }),
    nextDueAt: () => call('nextDueAt', null),
    dueStreams: (now) => call('dueStreams', now),
    beginAttempt: (keys, nextAttemptAt) => call('beginAttempt', { keys, nextAttemptAt }),
    beginThrottled: (attempt) => call('beginThrottled', attempt),
    tellingOfItem: (itemId, since) => call('tellingOfItem', { itemId, since }),
    reconsiderWaiting: (now, longest) => call('reconsiderWaiting', { now, longest }),
    pendingByStream: () => call('pendingByStream', null),
    expiredHolds: (now, limit) => call('expiredHolds', { now, limit }),
    list: (filter) => call('listRecipients', filter),
    held: (page) => call('listHeld', page),
    counts: () => call('counts', null),
    finished: (limit) => call('finished', limit),
    async destroyContent(messageId, events) {
      return (await call('destroyContent', messageId, events)) || [];
    },
  };
}

function portalPort({ call }: WriterClient): PortalStore {
  return {
    item: (id) => call('item', id),
    itemByLink: (linkHash) => call('itemByLink', linkHash),
    items: (filter) => call('items', filter),
    writtenAddress: (recipient) => call('writtenAddress', recipient),
    expiredItems: (now, limit) => call('expiredItems', { now, limit }),
    itemsToRemind: (now, limit) => call('itemsToRemind', { now, limit }),
    usage: (recipient) => call('portalUsage', recipient),
    changeItem: (id, set, mail, events, from) =>
      call('setItem', { id, set, mail, from: from ?? ['waiting', 'picked-up'] }, events),
    failPassphrase: (id, events) => call('failPassphrase', id, events),
    closedItemsWithContent: (limit) => call('closedItemsWithContent', limit),
    async destroyItemContent(id, events) {
      return (await call('destroyItemContent', id, events)) || [];
    },
    async putCode(code, mail, events) {
      await call('putCode', { code, mail }, events);
    },
    code: (itemId) => call('code', itemId),
    codesIssuedSince: (itemId, since) => call('codesIssuedSince', { itemId, since }),
    codesIssuedToSince: (recipient, since) => call('codesIssuedToSince', { recipient, since }),
    failCode: (itemId, events) => call('failCode', itemId, events),
    openSessionWithCode: (itemId, session, events, old) =>
      call('openSessionWithCode', { itemId, session, ...(old === undefined ? {} : { old }) }, events),
    async openSession(session, events) {
      await call('openPortalSession', session, events);
    },
    session: (tokenHash, now) => call('session', { tokenHash, now }),
    raiseSession: (old, session, events) => call('raiseSession', { old, session }, events),
    async closeSession(tokenHash, events) {
      await call('closeSession', tokenHash, events);
    },
    async closeSessionsOf(recipient, events) {
      await call('closeSessionsOf', recipient, events);
    },
    account: (recipient) => call('portalAccount', recipient),
    putAccount: (account, expected, events) => call('putPortalAccount', { account, expected }, events),
    removeAccount: (recipient, events) => call('removePortalAccount', recipient, events),
    passkeys: (recipient) => call('passkeys', recipient),
    passkey: (credentialId) => call('passkey', credentialId),
    async putPasskey(passkey, events) {
      await call('putPasskey', passkey, events);
    },
    usePasskey: (credentialId, use, events) => call('usePasskey', { credentialId, ...use }, events),
    removePasskey: (credentialId, recipient, events) =>
      call('removePasskey', { credentialId, recipient }, events),
    putDevice: (device, session, events) => call('putDevice', { device, session }, events),
    device: (tokenHash, now) => call('device', { tokenHash, now }),
    devices: (recipient, now, limit) => call('devices', { recipient, now, limit }),
    removeDevice: (tokenHash, recipient, session, now, events) =>
      call('removeDevice', { tokenHash, recipient, session, now }, events),
    replies: (recipient, limit) => call('replies', { recipient, limit }),
    reply: (id) => call('reply', id),
    async putReply(reply, message, events) {
      await call('putReply', { reply, message }, events);
    },
    dropReplyCopy: (id, recipient, events) => call('dropReplyCopy', { id, recipient }, events),
    async record(events) {
      await call('recordOnly', null, events);
    },
  };
}

function accountPort({ call }: WriterClient): AccountStore {
  return {
    account: (name) => call('account', name),
    accounts: () => call('accounts', null),
    async put(account, events) {
      await call('putAccount', account, events);
    },
  };
}

function operatorPort({ call }: WriterClient): OperatorStore {
  return {
    operator: (name) => call('operator', name),
    operators: () => call('operators', null),
    put: (operator, expected, events) => call('putOperator', { operator, expected }, events),
    approvals: (messageId) => call('approvals', messageId ?? null),
  };
}

function suppressionPort({ call }: WriterClient): SuppressionStore {
  return {
    suppressed: (addresses, now) => call('suppressed', { addresses, now }),
    list: (now, limit) => call('listSuppressions', { now, limit }),
    put: (suppression, events) => call('putSuppression', suppression, events),
    remove: (address, events) => call('removeSuppression', address, events),
    forgetExpired: (now) => call('forgetExpiredSuppressions', now),
  };
}

function tlsPort({ call }: WriterClient): TlsMemory {
  return {
    highest: (domain) => call('highestTls', domain),
    list: () => call('listTls', null),
    reset: (domain, events) => call('resetTls', domain, events),
  };
}

function keyPort({ call }: WriterClient): KeyStore {
  return {
    keysFor: (address) => call('keysFor', address),
    list: (filter) => call('listKeys', filter),
    put: (key, events, expected) =>
      expected === undefined
        ? call('putKey', key, events)
        : call('putKeyOver', { key, before: expected.before }, events),
    activate: (ref, set, events) => call('activateKey', { ref, ...set }, events),
    reject: (ref, actor, events) => call('rejectKey', { ref, actor }, events),
    remove: (ref, events) => call('removeKey', ref, events),
    async confirm(ref, at) {
      await call('confirmKey', { ref, at });
    },
    ownKeys: () => call('ownKeys', null),
    ownKeysFor: (kind, sender) => call('ownKeysFor', { kind, sender }),
    async putOwn(key, events) {
      await call('putOwnKey', key, events);
    },
    removeOwn: (fingerprint, events) => call('removeOwnKey', fingerprint, events),
  };
}

function legalHoldPort({ call }: WriterClient): LegalHoldStore {
  return {
    list: () => call('legalHolds', null),
    add: (hold, events) => call('addLegalHold', hold, events),
    remove: (name, events) => call('removeLegalHold', name, events),
  };
}

function auditPort({ call }: WriterClient): AuditSink {
  return {
    async record(events) {
      await call('recordOnly', null, events);
    },
  };
}
