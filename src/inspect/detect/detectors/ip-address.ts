import { isIPv4, isIPv6 } from 'node:net';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

const LABEL =
  /\b(?:ips?|ipv[46]|ip address|login|logged|log-?on|sign(?:ed)?[ -]?in|client|visitor|browser|session|remote|address)\b[^\n]{0,40}$/;
/** Four numbers with dots that count something else. */
const OTHER =
  /\b(?:versions?|ver|v|release|build|firmware|section|sec|clause|chapter|figure|table|oid|urn|kernel|driver|update|upgrade[ds]?|patch)[ :.]{0,3}(?:to |from )?$|§ ?$/;
/** Header lines of mail, and what networks are made of. */
const NOISE =
  /\b(?:received: from|by with|x-originating|spf|helo|dns|subnet|gateway|vlan|router|server|netmask|mask|route|firewall|relay|mx|nameserver|ntp|cidr)\b[^\n]{0,64}$/;
const PRIVATE =
  /^(?:10\.|127\.|0\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|2(?:2[4-9]|[3-5]\d)\.|255\.)|^(?:::1?$|fe[89ab]|f[cd]|ff)/i;

/** So much of an address before what was hit. */
const MOST_BEFORE = 40;
/** What belongs to an IPv6 address, with an IPv4 address at its end. */
const PART = /[0-9A-Fa-f:.]/;
const AROUND_AFTER = /^[0-9A-Fa-f:.]{0,45}/;

/**
 * IP addresses: version 4 as four numbers, version 6 in each of its text forms. Addresses of private networks, of
 * servers and in header lines of mail say nothing of a person, and are seen with low confidence.
 * Source: RFC 791; RFC 4291 section 2.2; RFC 1918, 6598 and 6890 (special addresses); 45 CFR 164.514(b)(2)(i)(O).
 */
export const ipAddress: Detector = {
  info: {
    name: 'ip-address',
    class: 'identifier',
    safeHarbor: 'O-ip',
    description: 'IP address, version 4 or 6',
    source: 'RFC 791; RFC 4291; RFC 6890; 45 CFR 164.514(b)(2)(i)(O)',
  },
  identifies: 'contact',
  patterns: [
    ...near({ number: [1, 3], total: 4 }, [
      '(?-u:\\b)[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(?-u:\\b)',
    ]),
    ...near({ literal: ':' }, ['::|:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:']),
  ],
  judge: (hits, text) => {
    const found: Sighting[] = [];
    let read = -1;
    for (const hit of hits) {
      const six = hit.text.startsWith(':');
      if (six && hit.start < read) continue;
      const place = six ? version6(hit, text.text) : version4(hit, text.text);
      // What isn't an address as a whole isn't tried again from its middle.
      if (six) read = hit.start + restOf(hit, text.text).length;
      if (place === undefined) continue;
      const sighting = rate(place, text);
      if (sighting !== undefined) found.push(sighting);
    }
    return found;
  },
  mask: maskAll,
};

interface Place {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

function version4(hit: Hit, text: string): Place | undefined {
  if (!isIPv4(hit.text) || /[\w.:]$/.test(text.slice(Math.max(0, hit.start - 1), hit.start)))
    return undefined;
  if (/^(?:\.\d|[A-Za-z_])/.test(text.slice(hit.end, hit.end + 2))) return undefined;
  return { start: hit.start, end: hit.end, value: hit.text };
}

function restOf(hit: Hit, text: string): string {
  return AROUND_AFTER.exec(text.slice(hit.start, hit.start + 45))?.[0] ?? '';
}

function version6(hit: Hit, text: string): Place | undefined {
  const least = Math.max(0, hit.start - MOST_BEFORE);
  let start = hit.start;
  while (start > least && PART.test(text.charAt(start - 1))) start--;
  const written = (text.slice(start, hit.start) + restOf(hit, text))
    .replace(/[.]+$/, '')
    .replace(/(?<!:):$/, '');
  const end = start + written.length;
  if (!isIPv6(written) || /[\w]$/.test(text.slice(Math.max(0, start - 1), start))) return undefined;
  // "::" alone is an operator of programs; an address has digits somewhere.
  if (!/\d/.test(written) || /^[A-Za-z_]/.test(text.slice(end, end + 1))) return undefined;
  return { start, end, value: written.toLowerCase() };
}

function rate({ start, end, value }: Place, text: ScannedText): Sighting | undefined {
  const before = text.before(start, 72);
  if (OTHER.test(before)) return undefined;
  const quiet = PRIVATE.test(value) || NOISE.test(before) || /^\/\d/.test(text.after(end, 2));
  // Without a word for it, four small numbers may be a clause or a version.
  const plain = value.includes(':') || /\d{3}/.test(value);
  const confidence = quiet || !(LABEL.test(before) || plain) ? 'low' : 'medium';
  const ofPatient = !NOISE.test(before) && isOwnedByPatient(text, start, end);
  return { start, end, value, confidence, ofPatient };
}
