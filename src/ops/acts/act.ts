import type { z } from 'zod';
import type { AuditEvent } from '../../audit/events.js';
import type { Drafted } from '../../backup/make.js';
import type { LoadedConfig } from '../../config/load.js';
import type { SecretOwner } from '../../keys/own/index.js';
import type { KeyJudgement, KindFound } from '../../keys/types.js';
import type { MethodAvailability } from '../../model/availability.js';
import type { Decision } from '../../model/decision.js';
import type { KeyKind, StoredKey } from '../../model/key.js';
import type { StoredMessage, StoredRecipient } from '../../model/message.js';
import type { Method } from '../../model/method.js';
import type { Actor } from '../../model/operator.js';
import type { PortalItem } from '../../model/portal-item.js';
import type { RosterHeader } from '../../roster/roster-file.js';
import type { Json } from '../../shared/canonical-json.js';
import type { Clock } from '../../shared/clock.js';
import type { QueueChange, Store } from '../../store/ports.js';
import type { Rotated } from '../../store/rotation.js';

/** A change of the work in progress with the events that permit it. */
export interface Change {
  readonly change: QueueChange;
  readonly events: readonly AuditEvent[];
}

/** What a person's commands need; the same in the running relay and in a command that opened the store itself. */
export interface ActContext {
  readonly loaded: LoadedConfig;
  readonly store: Store;
  readonly clock: Clock;
  /** Who acts; events record `actor.name`. */
  readonly actor: Actor;
  /** Wakes delivery, where it runs. */
  readonly wake: () => void;
  /** Has a message judged that was received again, where the relay runs. */
  readonly decideAgain: (messageId: string, stream: string | undefined) => void;
  /** No relay runs: this command opened the store itself. */
  readonly relayStopped: boolean;
  /** A new second factor for an operator: the secret sealed for its row, and what an app is given. */
  readonly enrolTotp: (operator: string) => {
    readonly sealed: Uint8Array;
    readonly uri: string;
    readonly secret: string;
  };
  /** What the recipient can receive by now, its keys included, by the route that its stream takes. */
  readonly availability: (
    recipient: Pick<StoredRecipient, 'address' | 'stream'>,
  ) => Promise<MethodAvailability>;
  /** What could be used for a recipient now, in the sources that the policies accept for it. */
  readonly findKeys: (address: string) => Promise<Readonly<Record<KeyKind, KindFound>>>;
  /** Whether a kept key could be used for its address now; asks about revocation. */
  readonly judgeKey: (key: StoredKey) => Promise<KeyJudgement>;
  /** Seals a secret key for its row. */
  readonly sealSecret: (owner: SecretOwner, secret: Uint8Array) => Uint8Array;
  readonly methodsAfterRelease: (
    decision: Decision,
    availability: MethodAvailability,
    options: { readonly named: boolean },
  ) => readonly Method[];
  /** Bounces a held recipient with a DSN to the sender; with a pickup notice also the message that it leads to. */
  readonly bounce: (
    message: StoredMessage,
    recipient: StoredRecipient,
    status: string,
    reason: string,
  ) => Promise<Change>;
  readonly revokeItem: (item: PortalItem, actor: string, reason: string) => Change;
  /** The open portal item that nobody is told of where this mail, a pickup notice or reminder, doesn't arrive. */
  readonly untoldItem: (message: StoredMessage) => Promise<PortalItem | undefined>;
  /** Each gives false, with nothing done, when the item was closed meanwhile. */
  readonly portalOperations: {
    readonly extend: (item: PortalItem, expiresAt: number, actor: string, reason: string) => Promise<boolean>;
    readonly resend: (item: PortalItem, actor: string, reason: string) => Promise<boolean>;
    /** Removes a recipient's account; false when there was none. */
    readonly resetAccount: (recipient: string, actor: string) => Promise<boolean>;
  };
  /** Lets a recipient of the portal in again, by a new passphrase to be told by telephone. */
  readonly unlockRecipient: (
    address: string,
    actor: string,
  ) => Promise<{ readonly passphrase?: string; readonly items: number; readonly wasLocked: boolean }>;
  /** What a roster's file says of itself, if the relay could open it. @throws UserError when it couldn't */
  readonly checkRoster: (path: string) => Promise<RosterHeader>;
  /** Puts the rosters of the data directory in force, where the relay runs. */
  readonly rostersChanged: () => Promise<void>;
  /** Replaces the master key. @throws UserError when it can't be done */
  readonly rotateMaster: (actor: string) => Promise<Rotated>;
  /** Makes a backup in a new folder. @throws UserError when it can't be made */
  readonly makeBackup: (to: string, actor: string) => Promise<Drafted>;
}

/** One command that changes something. */
export interface Act<Input> {
  readonly input: z.ZodType<Input>;
  /** @throws UserError when it can't be done */
  readonly run: (context: ActContext, input: Input) => Promise<Json>;
}

/** Gives `run` the type of its schema. */
export function act<Input>(input: z.ZodType<Input>, run: Act<Input>['run']): Act<Input> {
  return { input, run };
}
