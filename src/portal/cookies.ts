/**
 * The portal's two cookies. Over https both carry `__Host-`: only this host, only by TLS, can have set them.
 *
 * - The session cookie is `Strict`: no other site can make a signed-in browser read (and so pick up) a message, not
 *   even by a link. Following the link in the mail again therefore asks for a code again.
 * - The form cookie only ties forms to the browser that fetched them. It is `Lax`, because a person arrives from a
 *   mail reader, and a fresh one at each arrival would break the forms of other tabs.
 */
export interface Cookie {
  readonly name: string;
  readonly sameSite: 'Strict' | 'Lax';
  readonly secure: boolean;
}

/** One session per item, so that two messages can be open side by side. */
export function sessionCookie(itemId: string, secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}pickup-${itemId}`, sameSite: 'Strict', secure };
}

export function formCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}pickup-form`, sameSite: 'Lax', secure };
}

/** A `Set-Cookie` value. `maxAge` in seconds; absent: until the browser closes; 0 removes it. */
export function setCookie(cookie: Cookie, value: string, maxAge?: number): string {
  const parts = [`${cookie.name}=${value}`, 'Path=/', 'HttpOnly', `SameSite=${cookie.sameSite}`];
  if (cookie.secure) parts.push('Secure');
  if (maxAge !== undefined) parts.push(`Max-Age=${Math.floor(maxAge)}`);
  return parts.join('; ');
}

/** The cookie's value, when it was sent exactly once and looks like one of our secrets. */
export function readCookie(header: string | undefined, cookie: Cookie): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${cookie.name}=`))
    .map((pair) => pair.slice(cookie.name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
}
