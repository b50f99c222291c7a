const POLICIES = ['none', 'quarantine', 'reject'] as const;

export type DmarcPolicy = (typeof POLICIES)[number];

/** A DMARC record; one without a policy is what receivers pass over. */
export interface DmarcRecord {
  readonly policy?: DmarcPolicy;
}

/** Reads a TXT record found at `_dmarc` (RFC 7489 6.3). Undefined when it is none of DMARC. */
export function readDmarc(text: string): DmarcRecord | undefined {
  const [version = '', ...tags] = text.split(';').map((tag) => tag.trim());
  if (!/^v\s*=\s*DMARC1$/.test(version)) return undefined;
  const policies = tags
    .map((tag) => tag.split('=').map((part) => part.trim()))
    .filter(([key]) => key === 'p');
  const [[, value] = []] = policies;
  const policy = POLICIES.find((one) => one === value?.toLowerCase());
  return policies.length === 1 && policy !== undefined ? { policy } : {};
}
