import { inNetworks, readNetwork } from '../shared/network.js';
import type { DoctorDns } from './dns.js';

export type SpfResult =
  | 'pass'
  | 'fail'
  | 'softfail'
  | 'neutral'
  | 'none'
  | 'permerror'
  | 'temperror'
  /** The record has macros or `exists`, which depend on single messages. */
  | 'depends';

/** RFC 7208 4.6.4. */
const MOST_LOOKUPS = 10;

const QUALIFIERS: Readonly<Record<string, SpfResult>> = {
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
};

/**
 * What a receiver's SPF check (RFC 7208) says of mail from a domain that comes from an address. Enough of it for a
 * forecast: `ptr` counts as no match.
 */
export async function spfResult(dns: DoctorDns, domain: string, address: string): Promise<SpfResult> {
  return evaluate({ dns, address, lookups: { left: MOST_LOOKUPS } }, domain);
}

interface State {
  readonly dns: DoctorDns;
  readonly address: string;
  readonly lookups: { left: number };
}

/** Ends an evaluation early. */
class Ends extends Error {
  readonly result: SpfResult;
  constructor(result: SpfResult) {
    super(result);
    this.result = result;
  }
}

async function evaluate(state: State, domain: string): Promise<SpfResult> {
  try {
    return await check(state, domain);
  } catch (error) {
    if (error instanceof Ends) return error.result;
    throw error;
  }
}

async function check(state: State, domain: string): Promise<SpfResult> {
  const answer = await state.dns.txt(domain);
  if (answer.kind === 'failed') throw new Ends('temperror');
  const records = (answer.kind === 'found' ? answer.records : [])
    .map((strings) => strings.join(''))
    .filter((text) => /^v=spf1(?: |$)/i.test(text));
  if (records.length > 1) throw new Ends('permerror');
  const [record] = records;
  if (record === undefined) return 'none';
  const terms = record
    .split(/ +/)
    .slice(1)
    .filter((term) => term !== '');
  let redirect: string | undefined;
  for (const term of terms) {
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      if (modifier[1]?.toLowerCase() === 'redirect') redirect = modifier[2];
      continue;
    }
    const parsed = /^([+\-~?]?)([a-z0-9]+)(?::([^/]*))?((?:\/.*)?)$/i.exec(term);
    if (parsed === null) throw new Ends('permerror');
    const [, qualifier = '', mechanism = '', target, cidr = ''] = parsed;
    if (term.includes('%') || mechanism.toLowerCase() === 'exists') throw new Ends('depends');
    if (await matches(state, mechanism.toLowerCase(), target ?? domain, term, cidr))
      return QUALIFIERS[qualifier === '' ? '+' : qualifier] ?? 'permerror';
  }
  if (redirect === undefined) return 'neutral';
  count(state);
  const further = await check(state, redirect);
  return further === 'none' ? 'permerror' : further;
}

async function matches(
  state: State,
  mechanism: string,
  target: string,
  term: string,
  cidr: string,
): Promise<boolean> {
  switch (mechanism) {
    case 'all':
      return true;
    case 'ip4':
    case 'ip6': {
      const network = readNetwork(term.slice(term.indexOf(':') + 1));
      if (network === undefined) throw new Ends('permerror');
      return inNetworks([network], addressOf(state.address));
    }
    case 'a':
      count(state);
      return atAny(state, [target], cidr);
    case 'mx': {
      count(state);
      const answer = await state.dns.mx(target);
      if (answer.kind === 'failed') throw new Ends('temperror');
      return atAny(state, answer.kind === 'found' ? answer.records.slice(0, 10) : [], cidr);
    }
    case 'include': {
      count(state);
      const included = await check(state, target);
      if (included === 'none') throw new Ends('permerror');
      return included === 'pass';
    }
    case 'ptr':
      count(state);
      return false;
    default:
      throw new Ends('permerror');
  }
}

function count({ lookups }: State): void {
  lookups.left -= 1;
  if (lookups.left < 0) throw new Ends('permerror');
}

async function atAny(state: State, hosts: readonly string[], cidr: string): Promise<boolean> {
  const [, four = '32', six = '128'] = /^\/(\d{1,3})?(?:\/\/?(\d{1,3}))?$/.exec(cidr) ?? [];
  for (const host of hosts) {
    const answer = await state.dns.addresses(host);
    if (answer.kind === 'failed') throw new Ends('temperror');
    for (const one of answer.kind === 'found' ? answer.records : []) {
      const network = readNetwork(`${one}/${one.includes(':') ? six : four}`);
      if (network !== undefined && inNetworks([network], addressOf(state.address))) return true;
    }
  }
  return false;
}

function addressOf(text: string) {
  const address = readNetwork(text)?.address;
  if (address === undefined) throw new TypeError('not an IP address');
  return address;
}
