import type { Config } from '../../config/schema.js';
import type { KeyKind } from '../../model/key.js';
import {
  type FetchAnswer,
  type KeySourceClient,
  type ReadKey,
  type SafeFetch,
  SourceFailed,
} from '../types.js';
import { readPublishedOpenPgp } from './read-published.js';
import { wkdUrls } from './wkd-url.js';

/** A directory may sit behind another name or host; a chain of them is a game. */
const REDIRECTS = 3;

/**
 * Asks the Web Key Directory of the recipient's domain (draft-koch-openpgp-webkey-service): the advanced method, and
 * the direct one only where the host of the advanced one has no address. What is at the advanced host counts, also
 * where it fails: otherwise whoever disturbs it decides which directory is asked.
 * @param options.fetch keeps redirects and names away from private addresses
 * @param options.ca PEM certificates to trust besides the system's
 */
export function createWkd(options: {
  readonly fetch: SafeFetch;
  readonly config: Config['keys']['wkd'];
  readonly ca?: string;
}): KeySourceClient {
  const { config } = options;
  const denied = new Set(config.deny_domains);
  return {
    cache: config.cache,
    lookup: async (address: string, kinds: readonly KeyKind[]): Promise<readonly ReadKey[]> => {
      const urls = wkdUrls(address);
      if (urls === undefined || !kinds.includes('openpgp')) return [];
      if (denied.has(address.slice(address.lastIndexOf('@') + 1))) return [];
      // One deadline for both methods.
      const signal = AbortSignal.timeout(config.timeout);
      const get = (url: string) =>
        options.fetch({
          url,
          method: 'GET',
          maxSize: config.max_size,
          signal,
          redirects: REDIRECTS,
          allowHttp: false,
          ...(options.ca === undefined ? {} : { ca: options.ca }),
        });
      return keysOf(await ask(urls.advanced, urls.direct, get));
    },
  };
}

async function ask(
  advanced: string | undefined,
  direct: string,
  get: (url: string) => Promise<FetchAnswer>,
): Promise<FetchAnswer | undefined> {
  if (advanced !== undefined) {
    try {
      return await get(advanced);
    } catch (error) {
      // Section 3.1: only if an address for the sub-domain does not exist.
      if (!isNoSuchHost(error)) throw error;
    }
  }
  try {
    return await get(direct);
  } catch (error) {
    // Neither host exists: a mail domain without a web server publishes nothing, and that is an answer.
    if (isNoSuchHost(error)) return undefined;
    throw error;
  }
}

function isNoSuchHost(error: unknown): boolean {
  return error instanceof SourceFailed && error.code === 'no-such-host';
}

/** @throws SourceFailed */
async function keysOf(answer: FetchAnswer | undefined): Promise<readonly ReadKey[]> {
  if (answer === undefined || answer.status === 404) return [];
  if (answer.status !== 200)
    throw new SourceFailed(`the Web Key Directory answered with status ${answer.status}`);
  // A page for people instead of a key fails here.
  return readPublishedOpenPgp(answer.body);
}
