import { describe, expect, it } from 'vitest';
import { createBoundForms, type FormVisit } from '../../../src/web/bound-forms.js';

const ORIGIN = 'https://site.clinic.example';
const COOKIE = { name: '__Host-form', sameSite: 'Strict', secure: true } as const;

interface Visit extends FormVisit {
  readonly session?: string;
}

const site = (key = 1) =>
  createBoundForms<Visit>({
    key: Buffer.alloc(32, key),
    origin: ORIGIN,
    cookie: COOKIE,
    session: (visit) => visit.session,
  });

function visiting(options: { session?: string; cookie?: string; token?: unknown; headers?: object } = {}) {
  const set: string[] = [];
  const visit: Visit = {
    request: {
      headers: { ...(options.cookie === undefined ? {} : { cookie: options.cookie }), ...options.headers },
      body: { token: options.token },
    },
    reply: { header: (name, value) => set.push(`${name}: ${value}`) },
    ...(options.session === undefined ? {} : { session: options.session }),
  };
  return { visit, set };
}

/** A form that was fetched, with the cookie that came along. */
function fetched(options: Parameters<typeof visiting>[0] = {}) {
  const { visit, set } = visiting(options);
  const { token } = site().form(visit, '/sign-in');
  return { token, cookie: set[0]?.replace(/^set-cookie: /, '').split(';')[0] };
}

describe('a form of somebody signed out', () => {
  it('is bound to the browser by a cookie of its own', () => {
    const { visit, set } = visiting();
    expect(site().form(visit, '/sign-in')).toEqual({
      action: '/sign-in',
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
    expect(set).toEqual([
      expect.stringMatching(
        /^set-cookie: __Host-form=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
  });

  it('comes with one cookie for all forms of a page, and with none where the browser has it', () => {
    const forms = site();
    const first = visiting();
    expect(forms.form(first.visit, '/a').token).toBe(forms.form(first.visit, '/b').token);
    expect(first.set).toHaveLength(1);
    const { token, cookie } = fetched();
    const next = visiting({ cookie: cookie! });
    expect(forms.form(next.visit, '/a').token).toBe(token);
    expect(next.set).toEqual([]);
  });

  it('is taken from the browser that fetched it', () => {
    const { token, cookie } = fetched();
    expect(site().refusal(visiting({ cookie: cookie!, token }).visit)).toBeUndefined();
  });

  it.each([
    ['another browser', () => ({ cookie: fetched().cookie!, token: fetched().token })],
    ['a browser without the cookie', () => ({ token: fetched().token })],
    [
      'two cookies',
      () => {
        const { token, cookie } = fetched();
        return { token, cookie: `${cookie}; ${cookie}` };
      },
    ],
    [
      'a session of the same name',
      () => {
        const { token, cookie } = fetched();
        return { token, session: cookie!.split('=')[1]! };
      },
    ],
    ['a form without it', () => ({ cookie: fetched().cookie! })],
    [
      'a form with several',
      () => {
        const { token, cookie } = fetched();
        return { cookie: cookie!, token: [token, token] };
      },
    ],
    ['no form at all', () => ({})],
  ])('is refused with the token from %s', (_, given) => {
    expect(site().refusal(visiting(given()).visit)).toBe('a form without its token');
  });

  it('is refused where no page was fetched, without a cookie for whoever sends it', () => {
    const { visit, set } = visiting({ token: fetched().token });
    expect(site().refusal(visit)).toBe('a form without its token');
    expect(set).toEqual([]);
  });
});

describe('a form of a session', () => {
  it('is taken in that session alone', () => {
    const { token, cookie } = fetched({ session: 's1' });
    expect(cookie).toBeUndefined();
    expect(site().refusal(visiting({ session: 's1', token }).visit)).toBeUndefined();
    expect(site().refusal(visiting({ session: 's2', token }).visit)).toBe('a form without its token');
    expect(site().refusal(visiting({ token }).visit)).toBe('a form without its token');
  });

  it('is worth nothing under another key', () => {
    const { token } = fetched({ session: 's1' });
    expect(site(2).refusal(visiting({ session: 's1', token }).visit)).toBe('a form without its token');
  });
});

describe('a form from another site', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin: 'https://elsewhere.test' }],
  ])('is refused even with its token: %j', (headers) => {
    const { token } = fetched({ session: 's1' });
    expect(site().refusal(visiting({ session: 's1', token, headers }).visit)).toBe(
      'a form from another site',
    );
  });
});
