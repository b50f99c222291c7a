/**
 * The ways a message may travel to a recipient.
 * `plain` is opportunistic TLS and may be clear text; `tls` is SMTP over TLS at a demanded level;
 * `pgp`, `smime` and `portal` seal the content itself.
 */
export const METHODS = ['plain', 'tls', 'pgp', 'smime', 'portal'] as const;
export type Method = (typeof METHODS)[number];

/** The methods whose content stays sealed on the way and at every relay. */
export const SEALED_METHODS = ['pgp', 'smime', 'portal'] as const satisfies readonly Method[];

/** TLS levels, weakest first: any certificate < chain and MX host name < DANE / MTA-STS enforce / pinned. */
export const TLS_LEVELS = ['encrypted', 'verified', 'authenticated'] as const;
export type TlsLevel = (typeof TLS_LEVELS)[number];

/** What a delivery reached, weakest first; `none` is clear text. */
export const REACHED_TLS_LEVELS = ['none', ...TLS_LEVELS] as const;
export type ReachedTlsLevel = (typeof REACHED_TLS_LEVELS)[number];

/**
 * What the portal asks of a recipient, weakest first: a one-time code to the mailbox; an account with a password or a
 * passkey; a second factor, so that the mailbox alone never opens it; a passphrase that the sender tells the recipient.
 */
export const PORTAL_STRENGTHS = ['code', 'account', 'account-second-factor', 'shared-secret'] as const;
export type PortalStrength = (typeof PORTAL_STRENGTHS)[number];

/** What happens to a recipient's copy, mildest first. */
export const DISPOSITIONS = ['send', 'hold', 'reject'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];
