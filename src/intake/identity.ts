import { type IpAddress, inNetworks, type Network } from './client-address.js';
import { type CertificateRule, type ClientCertificate, matchesRule } from './client-certificate.js';
import type { SenderRights } from './sender-rights.js';
import type { Tenant } from './tenant.js';

/** Who is sending, and as whom it may. */
export interface Identity extends SenderRights {
  readonly kind: 'account' | 'certificate' | 'network';
  readonly name: string;
  /** Each message must prove that it is this tenant's. */
  readonly tenant?: Tenant;
}

/** An identity of the configuration, ready to be compared. */
export interface KnownIdentity extends SenderRights {
  readonly name: string;
  readonly networks: readonly Network[];
  readonly certificates: readonly CertificateRule[];
  readonly tenant?: Tenant;
}

/** What a listener demands, and whom it knows. */
export interface Admission {
  readonly identities: readonly KnownIdentity[];
  /** Networks that need no TLS. */
  readonly tlsOffFor: readonly Network[];
}

/** What is known of a client without its saying anything. */
export interface ClientFacts {
  readonly address: IpAddress;
  readonly secure: boolean;
  /** Verified; only ever there with TLS. */
  readonly certificate?: ClientCertificate;
  /** Its account, when it logged in. */
  readonly account?: Identity;
}

export type Admitted =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly needs: 'tls' | 'identity' };

/**
 * Whether the client may send mail, and as which identity: the account it logged in with, else its certificate, else
 * its network. Nobody without one of these: this is what keeps the relay closed.
 * @param now epoch milliseconds
 */
export function admit(admission: Admission, client: ClientFacts, now: number): Admitted {
  if (!client.secure && !inNetworks(admission.tlsOffFor, client.address)) return { ok: false, needs: 'tls' };
  if (client.account !== undefined && client.secure) return { ok: true, identity: client.account };
  const { certificate } = client;
  if (certificate !== undefined && client.secure) {
    for (const known of admission.identities) {
      if (known.certificates.some((rule) => matchesRule(rule, certificate, now)))
        return { ok: true, identity: identityOf(known, 'certificate') };
    }
  }
  for (const known of admission.identities) {
    if (inNetworks(known.networks, client.address))
      return { ok: true, identity: identityOf(known, 'network') };
  }
  return { ok: false, needs: 'identity' };
}

function identityOf(known: KnownIdentity, kind: 'certificate' | 'network'): Identity {
  const { name, senders, allow, tenant } = known;
  return { kind, name, senders, allow, ...(tenant === undefined ? {} : { tenant }) };
}
