/** Pages of forms whose own path shows nothing when it is fetched: by the path's pattern, the path beside it. */
const BESIDE: readonly (readonly [pattern: RegExp, page: string])[] = [
  [/^(\/m\/[^/]+|\/inbox\/[^/]+\/steps)\/sign-in$/, '$1/code'],
  [/^(\/m\/[^/]+)\/device$/, '$1'],
  [/^((?:\/m\/[^/]+|\/inbox\/[^/]+\/steps)\/sms)\/code$/, '$1'],
  [/^\/sign-in\/passkey$/, '/sign-in'],
  [/^\/sign-out$/, '/sign-in'],
  [/^\/lost\/passkey$/, '/lost/password'],
  [/^\/account\/confirm\/(?:passkey|send|code)$/, '/account/confirm'],
  [
    /^\/account\/(?:language|sign-out-everywhere|authenticator\/remove|passkey\/remove|device\/forget)$/,
    '/account',
  ],
  [/^(\/inbox\/sent\/[^/]+)\/delete$/, '$1'],
];

/** The path that shows the page of an answer again: that of the request, unless it is one to which forms are only sent. */
export function pagePath(path: string): string {
  for (const [pattern, page] of BESIDE) if (pattern.test(path)) return path.replace(pattern, page);
  return path;
}
