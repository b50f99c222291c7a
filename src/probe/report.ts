import { reaches } from '../deliver/tls-levels.js';
import type { Availability } from '../model/availability.js';
import type { ReachedTlsLevel } from '../model/method.js';
import type { TlsFacts } from '../model/tls-facts.js';

/** One address of a mail server, as it answered. */
export interface ProbedServer {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** What TLS with it reached; absent: it wasn't reached at all. */
  readonly tls?: TlsFacts;
  /** Why it wasn't reached, or why TLS failed; in our words, never the peer's. */
  readonly problem?: string;
}

/** What the servers of a domain offer. */
export interface ProbeReport {
  readonly domain: string;
  /** Name of the route that its mail takes; absent: by MX. */
  readonly route?: string;
  /** In the order in which delivery tries them. */
  readonly servers: readonly ProbedServer[];
  /** Why there are none, or why some are missing. */
  readonly problem?: string;
  /** Whether TLS with these servers says anything of the way to the recipient. */
  readonly tls: Availability;
  /** The highest level that was ever reached with the domain; absent: none is remembered. */
  readonly remembered?: ReachedTlsLevel;
  /** The domain says in DNS that it has an MTA-STS policy (RFC 8461 3.1). `undefined`: not known. */
  readonly mtaSts: boolean | undefined;
}

/** What a probe means for mail. */
export interface ProbeVerdict {
  /** Mail that demands TLS of the level wanted would find a server now. */
  readonly usable: boolean;
  /** What the best server reached, and the worst that answered; absent where none did. */
  readonly best?: ReachedTlsLevel;
  readonly worst?: ReachedTlsLevel;
  /** TLS was better once: somebody may be stripping it, or the domain's set-up broke. */
  readonly fell: boolean;
}

/**
 * Delivery of mail with a demand tries each server until one meets it; mail without a demand takes the first that answers.
 * So the best server decides for the one, and the worst says what may happen to the other.
 */
export function verdictOf(report: ProbeReport, wanted: ReachedTlsLevel): ProbeVerdict {
  const levels = report.servers.flatMap(({ tls }) => (tls === undefined ? [] : [tls.level]));
  const best = levels.reduce<ReachedTlsLevel | undefined>(
    (a, b) => (a !== undefined && reaches(a, b) ? a : b),
    undefined,
  );
  const worst = levels.reduce<ReachedTlsLevel | undefined>(
    (a, b) => (a !== undefined && reaches(b, a) ? a : b),
    undefined,
  );
  const { remembered } = report;
  return {
    usable: report.tls.available && best !== undefined && reaches(best, wanted),
    ...(best === undefined ? {} : { best }),
    ...(worst === undefined ? {} : { worst }),
    fell: remembered !== undefined && best !== undefined && !reaches(best, remembered),
  };
}
