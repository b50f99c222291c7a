/**
 * Whether a domain is one of the organisation's, or below one: whoever reads a name there takes it for the organisation's.
 * @param own canonical, as is `domain`
 */
export function isOwnDomain(own: readonly string[], domain: string): boolean {
  return own.some((one) => domain === one || domain.endsWith(`.${one}`));
}
