/**
 * The keys of the domain, or of the nearest domain above it that has any: receivers count both as aligned (RFC 7489
 * 3.1.1, relaxed).
 */
export function keysForDomain<T extends { readonly domain: string }>(
  keys: readonly T[],
  domain: string,
): readonly T[] {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const own = keys.filter((one) => one.domain === name);
    if (own.length > 0) return own;
  }
  return [];
}
