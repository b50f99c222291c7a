import type { LoadedConfig } from '../config/load.js';
import type { PolicySet } from '../decide/index.js';
import { keysForDomain } from '../keys/dkim/index.js';
import { describeCertificate, loadTrustAnchors } from '../keys/x509/index.js';
import type { KeyKind } from '../model/key.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';
import { dkimKeys } from './dkim-keys.js';

const SOON_MS = 30 * 86_400_000;

/**
 * What `check` says of keys that is no reason not to start: sources that can't answer, signatures that nobody can make,
 * anchors that end, keys that wait for a person.
 * @param now epoch milliseconds
 */
export async function keyWarnings(
  loaded: LoadedConfig,
  policy: PolicySet,
  now: number,
): Promise<readonly string[]> {
  return [
    ...sourceWarnings(loaded, policy),
    ...(await anchorWarnings(loaded, now)),
    ...(await dkimWarnings(loaded)),
    ...storeWarnings(loaded, now),
  ];
}

function sourceWarnings({ config, file }: LoadedConfig, policy: PolicySet): readonly string[] {
  const named = [policy.keySources, ...policy.keySourcesByDomain.values()].some((sources) =>
    sources.includes('ldap'),
  );
  if (named && config.keys.ldap.length === 0)
    return [`${file}: the policies name \`ldap\` among \`key_sources\`, and \`keys.ldap\` names no server`];
  return [];
}

async function anchorWarnings(loaded: LoadedConfig, now: number): Promise<readonly string[]> {
  const anchors = await loadTrustAnchors(
    loaded.config.keys.trust_anchors.map(({ file, revocation }) => ({ file: loaded.path(file), revocation })),
  );
  return anchors.flatMap(({ certificate }) => {
    const { subject, notAfter } = describeCertificate(certificate);
    if (notAfter > now + SOON_MS) return [];
    const day = dayOf(notAfter);
    return [
      `${loaded.file}: keys.trust_anchors: ${subject} ${notAfter <= now ? `expired on ${day}: no certificate below it is used` : `expires on ${day}`}`,
    ];
  });
}

/** Which mail of the organisation leaves without a DKIM signature that fits its From. */
async function dkimWarnings(loaded: LoadedConfig): Promise<readonly string[]> {
  const { dkim, organisation } = loaded.config;
  const waiting = (await dkimKeys(loaded)).filter((one) => one.signs === undefined);
  return organisation.domains
    .filter((domain) => keysForDomain(dkim, domain).length === 0)
    .map((domain) => {
      const made = waiting.find((one) => one.domain === domain);
      const next =
        made === undefined
          ? `\`sallyport keys dkim ${domain}\` makes one`
          : `the key ${made.selector} was made for it and is not named in \`dkim\``;
      return `${loaded.file}: no DKIM key signs mail of ${domain}, and what the relay changes or writes may be taken for forged: ${next}`;
    });
}

function storeWarnings({ config, dataDir, file }: LoadedConfig, now: number): readonly string[] {
  if (!databaseExists(dataDir)) return [];
  return openReadOnly(dataDir, (store) => {
    const own = store.ownKeys();
    const unsigned = (method: 'pgp' | 'smime', kind: KeyKind) =>
      config.protect[method].sign && !own.some((one) => one.kind === kind && one.address === undefined)
        ? [
            `${file}: \`protect.${method}.sign\` is on, and there is no signing key of the gateway: ${method} is used only for senders with a key of their own (\`keys import\`)`,
          ]
        : [];
    const ending = own
      .filter((one) => one.kind === 'x509')
      .map((one) => ({ ...one, end: describeCertificate(one.material).notAfter }))
      .filter(({ end }) => end <= now + SOON_MS)
      .map(
        ({ fingerprint, end }) =>
          `the signing certificate ${fingerprint} ${end <= now ? 'expired' : 'expires'} on ${dayOf(end)}`,
      );
    const pending = store.keys({ states: ['pending'], limit: 1000 }).length;
    return [
      ...unsigned('pgp', 'openpgp'),
      ...unsigned('smime', 'x509'),
      ...ending,
      ...(pending === 0
        ? []
        : [
            `${pending === 1000 ? '1000 or more keys wait' : `${pending} ${pending === 1 ? 'key waits' : 'keys wait'}`} for a person: \`keys list --pending\``,
          ]),
    ];
  });
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
