import type { Cookie } from '../../web/cookies.js';

/* Strict: nothing links to these pages from elsewhere. The names are not the portal's, and neither are the keys behind. */

export function sessionCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}review`, sameSite: 'Strict', secure };
}

export function formCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}review-form`, sameSite: 'Strict', secure };
}
