import { canonicalDomain } from '../../shared/address.js';
import { foldAscii } from './addresses.js';
import { type Certificate, isSelfIssued } from './certificate.js';
import type { DistinguishedName } from './distinguished-name.js';
import { type NameConstraints, subjectAltNamesOf } from './extensions.js';
import type { GeneralName } from './general-name.js';

/** Names times constraints that are compared at most for one path: a real CA has a handful of each. */
const MAX_COMPARISONS = 200_000;

/** RFC 5321 4.5.3.1.3 allows 254 octets. */
const MAX_MAILBOX = 512;

export type NamesCheck = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Collects the constraints down a path (RFC 5280 6.1.4 (g)) and holds names against them (6.1.3 (b) and (c)). */
export interface NameConstraintState {
  add(constraints: NameConstraints): void;
  /** @throws BadCertificate */
  check(certificate: Certificate): NamesCheck;
}

export function startNameConstraints(): NameConstraintState {
  const sets: NameConstraints[] = [];
  let comparisons = 0;
  return {
    add: (constraints) => {
      sets.push(constraints);
    },
    check: (certificate) => {
      if (sets.length === 0) return { ok: true };
      for (const name of namesOf(certificate)) {
        for (const { permitted, excluded } of sets) {
          comparisons += permitted.length + excluded.length;
          if (comparisons > MAX_COMPARISONS) return refuse('the name constraints of its CAs are too many');
          const allowed = permitted.filter((one) => sameForm(one, name));
          const forbidden = excluded.filter((one) => sameForm(one, name));
          if (allowed.length === 0 && forbidden.length === 0) continue;
          const verdict = judge(name, allowed, forbidden);
          if (!verdict.ok) return verdict;
        }
      }
      return { ok: true };
    },
  };
}

/**
 * Every name that constraints speak of: the subject, its emailAddress attributes (RFC 5280 4.2.1.10 asks for those only where
 * there is no subjectAltName; always is stricter) and subjectAltName.
 */
function namesOf(certificate: Certificate): readonly GeneralName[] {
  const { subject } = certificate;
  return [
    ...(subject.rdns.length === 0 ? [] : [{ form: 'directory', name: subject } as const]),
    ...subject.emails.map((text) => ({ form: 'rfc822', text }) as const),
    ...subjectAltNamesOf(certificate),
  ];
}

/** RFC 9598 6: constraints on rfc822Name hold for SmtpUTF8Mailbox names too. */
function sameForm(constraint: GeneralName, name: GeneralName): boolean {
  return constraint.form === name.form || (constraint.form === 'rfc822' && name.form === 'smtp-utf8');
}

function judge(
  name: GeneralName,
  permitted: readonly GeneralName[],
  excluded: readonly GeneralName[],
): NamesCheck {
  const matches = (constraint: GeneralName, list: 'permitted' | 'excluded'): boolean | undefined => {
    if (constraint.form === 'directory' && name.form === 'directory')
      return isWithin(name.name, constraint.name);
    if (constraint.form === 'rfc822' && (name.form === 'rfc822' || name.form === 'smtp-utf8'))
      return mailMatches(name, constraint.text, list);
    return undefined;
  };
  const forbidden = excluded.map((one) => matches(one, 'excluded'));
  const allowed = permitted.map((one) => matches(one, 'permitted'));
  // RFC 5280 4.2.1.10: process the constraint or refuse the certificate.
  if ([...forbidden, ...allowed].includes(undefined))
    return refuse('a name constraint of its CA is of a kind that is not supported');
  if (forbidden.includes(true)) return refuse(`a name constraint of its CA excludes ${called(name)}`);
  if (permitted.length > 0 && !allowed.includes(true))
    return refuse(`a name constraint of its CA does not permit ${called(name)}`);
  return { ok: true };
}

function called(name: GeneralName): string {
  return name.form === 'directory' ? 'its subject' : 'this address';
}

/** The constraint is the beginning of the name, RDN by RDN (RFC 5280 7.1). */
function isWithin(name: DistinguishedName, constraint: DistinguishedName): boolean {
  return constraint.rdns.every((rdn, index) => name.rdns[index] === rdn);
}

/**
 * RFC 5280 4.2.1.10 for rfc822Name: a mailbox, all mailboxes of one host, or (with a leading dot) of all hosts below a
 * domain. An empty one is taken for all, as other software does. Undefined: name or constraint can't be understood.
 */
function mailMatches(
  name: { readonly form: 'rfc822' | 'smtp-utf8'; readonly text: string },
  constraint: string,
  list: 'permitted' | 'excluded',
): boolean | undefined {
  if (name.text.length > MAX_MAILBOX || constraint.length > MAX_MAILBOX) return undefined;
  const at = name.text.lastIndexOf('@');
  const local = name.text.slice(0, Math.max(at, 0));
  const given = name.text.slice(at + 1);
  // RFC 9598 5: domains are compared as A-labels.
  const domain = name.form === 'smtp-utf8' ? canonicalDomain(given) : hostOf(given);
  if (at < 1 || domain === undefined) return undefined;
  if (constraint === '') return true;
  const split = constraint.lastIndexOf('@');
  if (split >= 0) {
    const box = constraint.slice(0, split);
    const host = hostOf(constraint.slice(split + 1));
    if (split === 0 || host === undefined) return undefined;
    // Where it excludes, a local part in other case is excluded too.
    const sameLocal = list === 'excluded' ? foldAscii(local) === foldAscii(box) : local === box;
    return sameLocal && host === domain;
  }
  if (constraint.startsWith('.')) {
    const parent = hostOf(constraint.slice(1));
    return parent === undefined ? undefined : domain.endsWith(`.${parent}`);
  }
  const host = hostOf(constraint);
  return host === undefined ? undefined : host === domain;
}

function hostOf(text: string): string | undefined {
  return /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) && !text.includes('..')
    ? text.toLowerCase()
    : undefined;
}

function refuse(reason: string): NamesCheck {
  return { ok: false, reason };
}

/** RFC 5280 6.1.3 (b): names of self-issued certificates on the way are not held against the constraints. */
export function namesAreConstrained(certificate: Certificate, isLast: boolean): boolean {
  return isLast || !isSelfIssued(certificate);
}
