import type { Cookie } from '../../web/cookies.js';

/* The names are not the portal's, and neither are the keys behind. */

/** Lax: the link to a held message comes from a mail program, which is another site. */
export function sessionCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}review`, sameSite: 'Lax', secure };
}

export function formCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}review-form`, sameSite: 'Strict', secure };
}
