/** A cookie's name, and when browsers send it. */
export interface Cookie {
  readonly name: string;
  readonly sameSite: 'Strict' | 'Lax';
  readonly secure: boolean;
}

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** A `Set-Cookie` value. `maxAge` in seconds; absent: until the browser closes; 0 removes it. */
export function setCookie(cookie: Cookie, value: string, maxAge?: number): string {
  const parts = [`${cookie.name}=${value}`, 'Path=/', 'HttpOnly', `SameSite=${cookie.sameSite}`];
  if (cookie.secure) parts.push('Secure');
  if (maxAge !== undefined) parts.push(`Max-Age=${Math.floor(maxAge)}`);
  return parts.join('; ');
}

/** The cookie's value, when it was sent exactly once and looks as it should: by default, like one of our secrets. */
export function readCookie(header: string | undefined, cookie: Cookie, form = SECRET): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${cookie.name}=`))
    .map((pair) => pair.slice(cookie.name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && form.test(value) ? value : undefined;
}
