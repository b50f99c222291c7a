import { isIPv4 } from 'node:net';
import type { ConfigProblem } from './check-open-relay.js';
import type { Config } from './schema.js';

interface Listening {
  readonly what: string;
  readonly path: readonly (string | number)[];
  readonly host: string;
  readonly port: number;
}

/** Finds two parts of the relay that would listen on the same address and port. Port 0 is chosen by the system. */
export function addressProblems({ listeners, portal, review, admin }: Config): readonly ConfigProblem[] {
  const all: readonly Listening[] = [
    ...listeners.map((one, i) => ({
      what: `listener ${one.name}`,
      path: ['listeners', i, 'address'],
      ...one.address,
    })),
    ...(portal === undefined ? [] : [{ what: '`portal`', path: ['portal', 'address'], ...portal.address }]),
    ...(review === undefined ? [] : [{ what: '`review`', path: ['review', 'address'], ...review.address }]),
    { what: '`admin`', path: ['admin', 'address'], ...admin.address },
  ];
  return all.flatMap((one, i) => {
    const first = all.slice(0, i).find((other) => clash(one, other));
    if (first === undefined) return [];
    return [{ path: one.path, message: `${first.what} listens on port ${one.port} already; choose another` }];
  });
}

function clash(one: Listening, other: Listening): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return one.host === other.host || takesIn(one.host, other.host) || takesIn(other.host, one.host);
}

/** `::` takes IPv4, too. */
function takesIn(wildcard: string, host: string): boolean {
  return wildcard === '::' || (wildcard === '0.0.0.0' && isIPv4(host));
}
