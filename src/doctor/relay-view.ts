import { z } from 'zod';
import { HEALTH_STATES } from '../ops/health.js';
import { errorCode, errorText } from '../shared/errors.js';

const health = z.object({
  state: z.enum(HEALTH_STATES),
  enforcement: z.enum(['enforce', 'shadow']),
  policyHash: z.string(),
  configHash: z.string(),
});

/** What `/healthz` says is in force, which need not be what the files say. */
export type RelayHealth = z.output<typeof health>;

/** The relay that runs, as its `/healthz` shows it. */
export type RelayView =
  | { readonly kind: 'running'; readonly health: RelayHealth }
  /** Nobody listens at `admin.address`. */
  | { readonly kind: 'none' }
  /** Something answers that is no relay of this version, or does not answer. */
  | { readonly kind: 'strange'; readonly why: string }
  /** The port is chosen anew at each start. */
  | { readonly kind: 'not-known' };

/**
 * Asks whatever runs at `admin.address`.
 * @param timeout milliseconds
 */
export async function relayView(
  { host, port }: { readonly host: string; readonly port: number },
  timeout: number,
): Promise<RelayView> {
  if (port === 0) return { kind: 'not-known' };
  try {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/healthz`;
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout), redirect: 'error' });
    const said = health.safeParse(await response.json());
    return said.success
      ? { kind: 'running', health: said.data }
      : { kind: 'strange', why: 'what answers there is no relay of this version' };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (errorCode(cause) === 'ECONNREFUSED') return { kind: 'none' };
    if (error instanceof SyntaxError)
      return { kind: 'strange', why: 'what answers there is no relay of this version' };
    return { kind: 'strange', why: errorText(cause) };
  }
}
