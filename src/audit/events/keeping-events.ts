import type { DamagedSeal } from '../../model/damaged-seal.js';
import type { RemovedMonth } from '../retention.js';

/** What the organisation keeps: the log itself, holds, backups, rosters, and the key that seals all. */
export interface KeepingEvents {
  'roster.imported': {
    readonly actor: string;
    readonly roster: string;
    /** Kinds of its columns, never their values. */
    readonly columns: readonly string[];
    readonly rows: number;
    /** SHA-256 of the index file, in hex. */
    readonly fileHash: string;
  };
  'roster.removed': { readonly actor: string; readonly roster: string };
  'audit.exported': {
    readonly actor: string;
    readonly target: string;
    /** Absent: a whole copy. */
    readonly format?: string;
  };
  /** First in a log that began because the folder of the one before was gone: the newest checkpoint that is known of that. */
  'audit.begun-anew': { readonly lastSeq: number; readonly lastHash: string; readonly key: string };
  /** Before files of months whose time is over are removed, oldest first. What stays begins where the last of them ends. */
  'audit.pruned': {
    readonly actor: string;
    /** Whole months that are kept behind the month of now. */
    readonly retention: number;
    readonly months: readonly RemovedMonth[];
  };
  /** A person placed a hold: nothing that it covers is removed or destroyed. Times are epoch milliseconds. */
  'legal-hold.added': {
    readonly actor: string;
    readonly name: string;
    readonly reason: string;
    readonly since?: number;
    readonly until?: number;
    readonly address?: string;
  };
  'legal-hold.removed': { readonly actor: string; readonly name: string; readonly reason: string };
  /** Before a backup gets its name. */
  'backup.made': {
    readonly actor: string;
    readonly target: string;
    readonly files: number;
    readonly messages: number;
    /** The newest event in it. */
    readonly auditSeq: number;
    /** SHA-256 of its manifest, in hex. */
    readonly manifestHash: string;
  };
  /** The first start after a restore: this log goes on from the one in the backup. Times are epoch milliseconds. */
  'store.restored': {
    readonly madeAt: number;
    readonly restoredAt: number;
    readonly manifestHash: string;
    /** Recipients held so that nothing is sent twice. */
    readonly held: number;
    /** Somebody chose that what waited then goes on by itself. */
    readonly resumed: boolean;
  };
  /** A new master key is there: what is sealed from now on is sealed with it. Keys are named by their number. */
  'master-key.rotation-started': { readonly actor: string; readonly from: number; readonly to: number };
  /** Nothing that opens is sealed with the old master key any more; its file goes. */
  'master-key.rotation-finished': {
    readonly from: number;
    readonly to: number;
    readonly resealed: number;
    /** What opened with no key, so that it could not be sealed anew; absent: all did. */
    readonly damaged?: readonly DamagedSeal[];
  };
}
