import type { RelayDb } from '../relay-db.js';
import { account, accounts, putAccount } from './accounts.js';
import { applyChange } from './apply-change.js';
import { rememberCheckpoint } from './audit-memory.js';
import { keysFor, listKeys, ownKeys, ownKeysFor } from './key-reads.js';
import {
  activateKey,
  confirmKey,
  putKey,
  putKeyOver,
  putOwnKey,
  rejectKey,
  removeKey,
  removeOwnKey,
} from './key-writes.js';
import { addLegalHold, legalHolds, removeLegalHold } from './legal-holds.js';
import {
  beginRotation,
  finishRotation,
  resealOperator,
  resealOwnKey,
  rewrap,
  wrappedKeys,
} from './master-keys.js';
import { approvals, operator, operators, putOperator } from './operators.js';
import {
  closeSession,
  closeSessionsOf,
  dropReplyCopy,
  openPortalSession,
  openSessionWithCode,
  putDevice,
  putPasskey,
  putPortalAccount,
  putReply,
  raiseSession,
  removeDevice,
  removePasskey,
  removePortalAccount,
  usePasskey,
} from './portal-people.js';
import {
  closedItemsWithContent,
  code,
  codesIssuedSince,
  codesIssuedToSince,
  device,
  devices,
  expiredItems,
  item,
  itemByLink,
  items,
  itemsToRemind,
  passkey,
  passkeys,
  portalAccount,
  portalUsage,
  replies,
  reply,
  session,
  writtenAddress,
} from './portal-reads.js';
import { destroyItemContent, failCode, failPassphrase, putCode, setItem } from './portal-writes.js';
import {
  bodyFiles,
  contentKey,
  counts,
  due,
  dueStreams,
  expiredHolds,
  finished,
  listHeld,
  listRecipients,
  message,
  nextDueAt,
  pendingByStream,
  recipients,
  tellingOfItem,
  undecided,
} from './queue-reads.js';
import { beginAttempt, beginInspection, destroyContent, insertMessage } from './queue-writes.js';
import {
  forgetExpiredSuppressions,
  listSuppressions,
  putSuppression,
  removeSuppression,
  suppressed,
} from './suppressions.js';
import { beginThrottled, reconsiderWaiting } from './throttles.js';
import { highestTls, listTls, resetTls } from './tls-memory.js';

const reads = {
  message,
  recipients,
  undecided,
  finished,
  due,
  dueStreams,
  pendingByStream,
  suppressed,
  listSuppressions,
  nextDueAt,
  expiredHolds,
  listHeld,
  listRecipients,
  counts,
  bodyFiles,
  contentKey,
  tellingOfItem,
  item,
  itemByLink,
  items,
  writtenAddress,
  expiredItems,
  itemsToRemind,
  portalUsage,
  closedItemsWithContent,
  code,
  codesIssuedSince,
  codesIssuedToSince,
  session,
  portalAccount,
  passkeys,
  passkey,
  device,
  devices,
  replies,
  reply,
  account,
  accounts,
  operator,
  operators,
  approvals,
  highestTls,
  listTls,
  keysFor,
  listKeys,
  ownKeys,
  ownKeysFor,
  legalHolds,
  wrappedKeys,
};

/** A write that gives `false` found nothing to do; its events are then not recorded. */
const writes = {
  insertMessage,
  beginInspection,
  applyChange,
  beginAttempt,
  beginThrottled,
  reconsiderWaiting,
  putSuppression,
  removeSuppression,
  forgetExpiredSuppressions,
  destroyContent,
  setItem,
  failPassphrase,
  destroyItemContent,
  putCode,
  failCode,
  openSessionWithCode,
  openPortalSession,
  raiseSession,
  closeSession,
  closeSessionsOf,
  putPortalAccount,
  removePortalAccount,
  putPasskey,
  usePasskey,
  removePasskey,
  putDevice,
  removeDevice,
  putReply,
  dropReplyCopy,
  putAccount,
  putOperator,
  resetTls,
  putKey,
  putKeyOver,
  activateKey,
  rejectKey,
  removeKey,
  confirmKey,
  putOwnKey,
  removeOwnKey,
  addLegalHold,
  removeLegalHold,
  beginRotation,
  finishRotation,
  rewrap,
  resealOwnKey,
  resealOperator,
  rememberCheckpoint,
  recordOnly: (_db: RelayDb, _: null): null => null,
};

const operations = { ...reads, ...writes };

/** Everything that the writer thread can be asked to do with relay.db, by name. */
export type OperationName = keyof typeof operations;
type Inputs = { [K in OperationName]: Parameters<(typeof operations)[K]>[1] };
type Outputs = { [K in OperationName]: ReturnType<(typeof operations)[K]> };
export type InputOf<K extends OperationName> = Inputs[K];
export type OutputOf<K extends OperationName> = Outputs[K];

/** One operation with its input. */
export type Call<K extends OperationName = OperationName> = {
  [P in K]: { readonly name: P; readonly input: Inputs[P] };
}[K];

const table: { readonly [K in OperationName]: (db: RelayDb, input: Inputs[K]) => Outputs[K] } = operations;

export function runOperation<K extends OperationName>(db: RelayDb, call: Call<K>): Outputs[K] {
  return table[call.name](db, call.input);
}

export function isWrite(name: OperationName): boolean {
  return Object.hasOwn(writes, name);
}
