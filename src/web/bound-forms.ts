import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Cookie, readCookie, setCookie } from './cookies.js';
import { type FormOwner, formField, formToken, formTokenValid, fromOurPages } from './forms.js';
import { newSecret } from './secrets.js';

/** Where a form goes, with the hidden token that it brings along. */
export interface Form {
  readonly action: string;
  readonly token: string;
}

/** Why a form is not taken, for the record. */
export type FormRefusal = 'a form without its token' | 'a form from another site';

/** One request, as far as forms go. */
export interface FormVisit {
  readonly request: Pick<FastifyRequest, 'headers' | 'body'>;
  readonly reply: { readonly header: (...given: Parameters<FastifyReply['header']>) => unknown };
}

export interface BoundForms<Visit extends FormVisit> {
  /** A form of this visit; gives the browser a form cookie where it needs one. */
  form(visit: Visit, action: string): Form;
  /** Why the submitted form is not one of ours in this browser or session; undefined where it is. */
  refusal(visit: Visit): FormRefusal | undefined;
}

/** Binds the forms of a site to the session, or before signing in to the browser by a cookie of its own. */
export function createBoundForms<Visit extends FormVisit>(site: {
  readonly key: Uint8Array;
  readonly origin: string;
  readonly cookie: Cookie;
  /** What stands for the visit's session; undefined: signed out. */
  readonly session: (visit: Visit) => string | undefined;
}): BoundForms<Visit> {
  const { key, origin, cookie } = site;
  // Cookies set in this request, which the next page's forms are already bound to.
  const browsers = new WeakMap<FormVisit['request'], string>();

  const ownerOf = (visit: Visit): FormOwner | undefined => {
    const session = site.session(visit);
    if (session !== undefined) return { kind: 'session', holder: session };
    const browser = browsers.get(visit.request) ?? readCookie(visit.request.headers.cookie, cookie);
    return browser === undefined ? undefined : { kind: 'browser', holder: browser };
  };

  const newBrowser = ({ request, reply }: Visit): FormOwner => {
    const holder = newSecret();
    browsers.set(request, holder);
    reply.header('set-cookie', setCookie(cookie, holder));
    return { kind: 'browser', holder };
  };

  return {
    form: (visit, action) => ({ action, token: formToken(key, ownerOf(visit) ?? newBrowser(visit)) }),
    refusal: (visit) => {
      const { headers, body } = visit.request;
      if (!fromOurPages(headers, origin)) return 'a form from another site';
      const owner = ownerOf(visit);
      if (owner !== undefined && formTokenValid(key, owner, formField(body, 'token'))) return undefined;
      return 'a form without its token';
    },
  };
}
