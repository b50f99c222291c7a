import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { auditEvent } from '../audit/events.js';
import { openMonths } from '../audit/open-months.js';
import type { MethodAvailability } from '../model/availability.js';
import type { Decision } from '../model/decision.js';
import { contentFor, type StoredMessage, type StoredRecipient } from '../model/message.js';
import type { Method } from '../model/method.js';
import type { Approval, Role } from '../model/operator.js';
import type { ActName } from '../ops/acts/index.js';
import type { LoginAnswer, OperatorActor, OperatorLogin } from '../ops/operators/login.js';
import type { Json } from '../shared/canonical-json.js';
import { UserError } from '../shared/errors.js';
import type { Store } from '../store/ports.js';
import { type InspectionShown, inspectionOf } from './findings.js';

/*
 * What the review page asks for and does; the page itself holds no rule. It calls
 * - `logIn` with name, token (typed as the password) and code; it asks for all three every time,
 * - `operatorNow` at each request of a session: undefined ends the session (disabled, or the token was renewed since),
 * - `held` for the list and `message` for one message; neither holds a Subject, a value or a file name,
 * - `mayShowContent` to know whether to offer the content, and `content` to show it: the look is on record first,
 * - `release`, `reject` and `redecide`, which are the acts of the command line with the operator as actor: what they
 *   refuse, they refuse with a UserError whose text is for the person.
 */

/** One held recipient in the list. */
export interface HeldRecipient {
  readonly messageId: string;
  readonly receivedAt: number;
  readonly sender: string;
  readonly recipient: string;
  /** In words without PHI. */
  readonly reason: string;
  /** IDs of the rules that counted. */
  readonly rules: readonly string[];
  /** When it becomes a bounce, in epoch milliseconds. */
  readonly expiresAt: number | undefined;
  readonly release: 'one-person' | 'two-person';
  /** The first of two words. */
  readonly approval?: Pick<Approval, 'operator' | 'method' | 'at'>;
}

export interface HeldMessage {
  readonly messageId: string;
  readonly receivedAt: number;
  readonly sender: string;
  /** Account or identity that submitted it. */
  readonly identity: string;
  readonly headerMessageId: string;
  /** Bytes; absent once the content is gone. */
  readonly size?: number;
  readonly inspection?: InspectionShown;
  readonly recipients: readonly (HeldRecipient & {
    readonly decision?: Decision;
    /** By which it could be released now; empty: it can only be rejected. */
    readonly methods: readonly Method[];
  })[];
}

export interface HeldContent {
  /** Bytes. */
  readonly size: number;
  readonly stream: Readable;
}

export interface ReviewApi {
  /** @throws StoreUnavailable when it could not be recorded */
  logIn(
    login: { readonly name: string; readonly token: string; readonly code: string },
    client: { readonly address: string; readonly network: string },
  ): Promise<LoginAnswer>;
  /** Who an operator is by now; undefined when a session that began at `since` (epoch ms) must end. */
  operatorNow(name: string, since: number): Promise<OperatorActor | undefined>;
  /** A page of them: whose hold ends first comes first. `total` counts all pages. */
  held(page: { readonly offset: number; readonly limit: number }): Promise<{
    readonly rows: readonly HeldRecipient[];
    readonly total: number;
  }>;
  /** Undefined when no such message is held. */
  message(id: string): Promise<HeldMessage | undefined>;
  /**
   * What `prepare` makes of the content as it came, to be shown to this person. Before it is given to the caller it is looked
   * at anew whether the message is held, and the look is recorded; what `prepare` throws is thrown, and then there was none.
   * @throws UserError when the roles don't allow it (which is recorded), or it isn't held any more
   */
  content<T>(
    actor: OperatorActor,
    id: string,
    clientAddress: string,
    prepare: (content: HeldContent) => Promise<T>,
  ): Promise<T>;
  /** @throws UserError when it is refused */
  release(
    actor: OperatorActor,
    input: {
      readonly id: string;
      readonly recipient?: string;
      readonly method?: Method;
      readonly reason?: string;
    },
  ): Promise<Json>;
  /** @throws UserError when it is refused */
  reject(
    actor: OperatorActor,
    input: { readonly id: string; readonly recipient?: string; readonly reason: string },
  ): Promise<Json>;
  /** @throws UserError when it is refused */
  redecide(actor: OperatorActor, input: { readonly id: string; readonly recipient?: string }): Promise<Json>;
}

export interface ReviewDeps {
  readonly dataDir: string;
  readonly store: Pick<Store, 'queue' | 'operators' | 'bodies' | 'audit'>;
  readonly login: OperatorLogin;
  /** Performs an act in this name, one after the other with those of the command line. */
  readonly performAs: (actor: OperatorActor, name: ActName, input: Json) => Promise<Json>;
  /** What the recipient can receive by now, its keys included. */
  readonly availability: (
    recipient: Pick<StoredRecipient, 'address' | 'stream'>,
  ) => Promise<MethodAvailability>;
  readonly methodsAfterRelease: (
    decision: Decision,
    availability: MethodAvailability,
    options: { readonly named: boolean },
  ) => readonly Method[];
}

/** Whether somebody may read held mail: who decides about it (45 CFR 164.502(b), minimum necessary). Pure. */
export function mayShowContent(roles: readonly Role[]): boolean {
  return roles.includes('reviewer');
}

export function createReviewApi(deps: ReviewDeps): ReviewApi {
  const { store } = deps;
  const auditLog = openMonths(join(deps.dataDir, 'audit'));
  /** @throws UserError when it isn't held, or has no content any more */
  const heldBody = async (id: string) => {
    const message = await store.queue.message(id);
    const recipients = await store.queue.recipients(id);
    const body = message === undefined ? undefined : contentFor(message, undefined);
    if (body === undefined || !recipients.some(({ state }) => state === 'held'))
      throw new UserError(`no message with the ID ${id} is held any more`);
    return body;
  };
  return {
    logIn: ({ name, token, code }, { address, network }) =>
      deps.login.authenticate(
        { operator: name, token: token.trim(), code },
        { clientKey: network, clientAddress: address, secondFactor: 'always', remember: false },
      ),
    async operatorNow(name, since) {
      const operator = await store.operators.operator(name);
      if (operator === undefined || operator.disabled || operator.changedAt > since) return undefined;
      return { kind: 'operator', name: operator.name, roles: operator.roles, asOf: operator.changedAt };
    },
    async held(page) {
      const { rows, total } = await store.queue.held(page);
      const approvals = await store.operators.approvals();
      return {
        rows: rows.map(({ message, recipient }) => heldRecipient(message, recipient, approvals)),
        total,
      };
    },
    async message(id) {
      const message = await store.queue.message(id);
      const recipients = (await store.queue.recipients(id)).filter(({ state }) => state === 'held');
      if (message === undefined || recipients.length === 0) return undefined;
      const approvals = await store.operators.approvals(id);
      const inspection = inspectionOf(auditLog, id, message.receivedAt);
      const shown: HeldMessage['recipients'][number][] = [];
      for (const recipient of recipients) {
        const { decision } = recipient;
        const methods =
          decision === undefined
            ? []
            : deps.methodsAfterRelease(decision, await deps.availability(recipient), { named: true });
        shown.push({
          ...heldRecipient(message, recipient, approvals),
          methods,
          ...(decision === undefined ? {} : { decision }),
        });
      }
      return {
        messageId: id,
        receivedAt: message.receivedAt,
        sender: message.sender,
        identity: message.identity,
        headerMessageId: message.headerMessageId,
        ...(message.body === undefined ? {} : { size: message.body.size }),
        ...(inspection === undefined ? {} : { inspection }),
        recipients: shown,
      };
    },
    async content(actor, id, clientAddress, prepare) {
      if (!mayShowContent(actor.roles)) {
        const reason = 'only reviewers may read held mail';
        await store.audit.record([
          auditEvent('operator.refused', { actor: actor.name, act: 'held content', reason }),
        ]);
        throw new UserError(`not allowed: ${reason}`);
      }
      const body = await heldBody(id);
      const stream = store.bodies.open(body);
      try {
        const prepared = await prepare({ size: body.size, stream });
        // Reading it takes time, in which somebody else may have decided.
        await heldBody(id);
        await store.audit.record([
          auditEvent('held.content-viewed', { messageId: id, actor: actor.name, clientAddress }),
        ]);
        return prepared;
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
    release: (actor, input) => deps.performAs(actor, 'held release', { ...input }),
    reject: (actor, input) => deps.performAs(actor, 'held reject', { ...input }),
    redecide: (actor, input) => deps.performAs(actor, 'held redecide', { ...input }),
  };
}

function heldRecipient(
  message: StoredMessage,
  recipient: StoredRecipient,
  approvals: readonly Approval[],
): HeldRecipient {
  const found = approvals.find(
    ({ messageId, index }) => messageId === recipient.messageId && index === recipient.index,
  );
  return {
    messageId: message.id,
    receivedAt: message.receivedAt,
    sender: message.sender,
    recipient: recipient.address,
    reason: recipient.lastReason ?? recipient.decision?.holdReason ?? '',
    rules: (recipient.decision?.rules ?? []).map(({ rule }) => rule),
    expiresAt: recipient.expiresAt,
    release: recipient.decision?.demand.release ?? 'one-person',
    ...(found === undefined
      ? {}
      : { approval: { operator: found.operator, method: found.method, at: found.at } }),
  };
}
