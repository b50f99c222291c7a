import { isIP } from 'node:net';
import { countWords } from '../audit/words.js';
import { type Finding, ok, problem, warning } from './finding.js';
import type { TlsView } from './tls-view.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const VERY_SOON_DAYS = 7;

/**
 * What a client that trusts the usual authorities makes of a certificate.
 * @param who whose certificate, for messages
 * @param publicTrust whether those who connect trust only public authorities (Microsoft 365, recipients' browsers)
 */
export function judgeCertificate(
  check: string,
  who: string,
  view: TlsView,
  name: string,
  options: { readonly now: number; readonly publicTrust: boolean },
): readonly Finding[] {
  const { certificate, chainError } = view;
  const findings: Finding[] = [];
  const end = Date.parse(certificate.validTo);
  const days = Math.floor((end - options.now) / DAY_MS);
  const named =
    (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !==
    undefined;
  if (!named)
    findings.push(
      problem(
        check,
        `${who} shows a certificate for another name than ${name}`,
        `get one whose subject alternative names have ${name}`,
      ),
    );
  if (end <= options.now)
    findings.push(
      problem(
        check,
        `${who}'s certificate expired ${countWords(-days, 'day', 'days')} ago`,
        'renew it; the relay takes the new file by itself',
      ),
    );
  else if (Date.parse(certificate.validFrom) > options.now)
    findings.push(problem(check, `${who}'s certificate is not valid yet`, 'see to the clock, or wait'));
  else if (days < VERY_SOON_DAYS)
    findings.push(
      problem(
        check,
        `${who}'s certificate ends in ${countWords(days, 'day', 'days')}`,
        'renew it now; the relay takes the new file by itself',
      ),
    );
  else if (days < SOON_DAYS)
    findings.push(
      warning(
        check,
        `${who}'s certificate ends in ${countWords(days, 'day', 'days')}`,
        'renew it; the relay takes the new file by itself',
      ),
    );
  const chain = chainFinding(check, who, chainError, options.publicTrust);
  if (chain !== undefined) findings.push(chain);
  return findings.length > 0
    ? findings
    : [
        ok(
          check,
          `${who}: ${view.protocol}, the certificate is trusted, for ${name}, and good for ${countWords(days, 'day', 'days')}`,
        ),
      ];
}

function chainFinding(
  check: string,
  who: string,
  error: string | undefined,
  publicTrust: boolean,
): Finding | undefined {
  const say = publicTrust ? problem : warning;
  switch (error) {
    case undefined:
    // Said above in better words.
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return undefined;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return say(
        check,
        `${who} shows a self-signed certificate${publicTrust ? ', which those who connect do not trust' : ''}`,
        publicTrust
          ? 'get one from a public authority (such as by ACME) and name it under `certificate` and `key`'
          : 'get one that clients trust, or install this one on them and name it here with --ca',
      );
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return say(
        check,
        `${who}'s certificate leads to no authority that is known: an intermediate certificate is missing, or the authority is your own`,
        'for an authority of your own, name its certificate with --ca; otherwise put the intermediate certificates behind the certificate in its file',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return say(
        check,
        `${who}'s certificate is from an authority that is not public`,
        publicTrust
          ? 'get one from a public authority; if all who connect know yours, name it here with --ca'
          : 'install that authority on the clients, and name it here with --ca',
      );
    default:
      return problem(
        check,
        `${who}'s certificate is not accepted (${error})`,
        'look at it with openssl x509 -text, and replace it',
      );
  }
}
