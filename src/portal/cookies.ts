import type { Cookie } from '../web/cookies.js';

/** Lax: the link to a message comes from a mail program, which is another site. */
export function sessionCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}pickup`, sameSite: 'Lax', secure };
}

export function formCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}pickup-form`, sameSite: 'Lax', secure };
}

/** Of a browser that is remembered for a recipient. */
export function deviceCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}pickup-device`, sameSite: 'Lax', secure };
}

/** The language that was chosen; no secret. Lax: whoever comes by the link in a mail reads the first page in it, too. */
export function languageCookie(secure: boolean): Cookie {
  return { name: `${secure ? '__Host-' : ''}pickup-language`, sameSite: 'Lax', secure };
}
