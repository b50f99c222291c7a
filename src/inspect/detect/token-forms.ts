/*
 * Forms of the tokens of services, from their own documentation. Each begins with a word of the list `token` in
 * `clue-words.ts`: a token whose first word is not there is never looked for.
 */

const HEX = '[0-9a-f]';
const WORD = '[A-Za-z0-9]';
const URL_SAFE = '[A-Za-z0-9_-]';
const END = '(?-u:\\b)';
const GUID = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;

/** Patterns (Rust regex syntax). */
export const SERVICE_TOKENS: readonly string[] = [
  // GitHub, GitLab, Bitbucket and Atlassian
  `gh[pousr]_${WORD}{36,255}${END}`,
  `github_pat_[A-Za-z0-9_]{60,120}${END}`,
  `gl(?:pat|dt|rt|cbt|ptt|ft|soat|ffct|imt|agent|oas)-[A-Za-z0-9_=.-]{20,100}`,
  `ATATT3[A-Za-z0-9_=-]{100,250}`,
  `ATBB${WORD}{28,40}${END}`,
  // Slack, Discord, Teams, Telegram's and others' web hooks
  `xox[abeoprs]-[0-9A-Za-z-]{10,250}`,
  `xapp-[0-9]-[A-Z0-9]{8,14}-[0-9]{8,16}-${HEX}{60,70}`,
  `hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Z0-9]{6,14}/[A-Z0-9]{6,20}/[A-Za-z0-9/]{16,60}`,
  `discord(?:app)?\\.com/api/webhooks/[0-9]{16,20}/${URL_SAFE}{50,90}`,
  `webhook\\.office\\.com/webhookb2/${GUID}@${GUID}/IncomingWebhook/${HEX}{32}/${GUID}`,
  // Payment: Stripe, Square, Plaid, Braintree and PayPal
  `(?:sk|rk)_(?:live|test)_${WORD}{16,250}${END}`,
  `whsec_[A-Za-z0-9+/=]{32,64}`,
  `sq0(?:csp|atp)-${URL_SAFE}{22,43}`,
  `access_token\\$production\\$${WORD}{16}\\$${HEX}{32}`,
  `access-(?:production|development|sandbox)-${GUID}`,
  // Mail and messages: SendGrid, Twilio, Mailgun, Brevo, Postmark, Resend
  `SG\\.${URL_SAFE}{22}\\.${URL_SAFE}{43}`,
  `SK${HEX}{32}${END}`,
  `key-${HEX}{32}${END}`,
  `xkeysib-${HEX}{64}-${WORD}{16}`,
  // Package registries: npm, PyPI, RubyGems, Docker, NuGet's own have no prefix
  `npm_${WORD}{36}${END}`,
  `pypi-AgEIcHlwaS5vcmc${URL_SAFE}{50,200}`,
  `rubygems_${HEX}{48}${END}`,
  `dckr_pat_${URL_SAFE}{27,40}`,
  // Google
  `GOCSPX-${URL_SAFE}{28}`,
  `ya29\\.${URL_SAFE}{50,400}`,
  // Azure: storage, service bus, and shared access signatures
  `AccountKey=[A-Za-z0-9+/]{40,90}={0,2}`,
  `SharedAccess(?:Key|Signature)=[A-Za-z0-9+/%&=.:_-]{40,300}`,
  `sig=[A-Za-z0-9%+/]{40,90}(?:%3[Dd]|=)`,
  // Language models
  `sk-(?:proj-|ant-|svcacct-|or-v1-)?${URL_SAFE}{32,200}`,
  `hf_${WORD}{30,40}${END}`,
  `gsk_${WORD}{40,60}${END}`,
  `xai-${WORD}{60,100}${END}`,
  `pplx-${WORD}{40,60}${END}`,
  `r8_${WORD}{37}${END}`,
  // Hosting and operation
  `do[opr]_v1_${HEX}{64}${END}`,
  `hv[sbr]\\.${URL_SAFE}{24,300}`,
  `dapi${HEX}{32}(?:-[0-9])?${END}`,
  `dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[a-z0-9_-]{2,35}\\.)?${WORD}{40,44}${END}`,
  `NRA[KA]-[A-Z0-9]{27}${END}`,
  `gl(?:sa|c)_[A-Za-z0-9_=+/]{32,200}`,
  `sntry[su]_[A-Za-z0-9_=+/]{40,300}`,
  `HRKU-${URL_SAFE}{36,70}`,
  `sbp_${HEX}{40}${END}`,
  `pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,64}`,
  `pul-${HEX}{40}${END}`,
  `bkua_${HEX}{40}${END}`,
  `nfp_${WORD}{36,40}${END}`,
  `ops_eyJ[A-Za-z0-9_+/=-]{100,1200}`,
  `PMAK-${HEX}{24}-${HEX}{34}`,
  // Business software
  `shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}${END}`,
  `lin_(?:api|oauth)_${WORD}{32,64}${END}`,
  `ntn_${WORD}{40,50}${END}`,
  `figd_${URL_SAFE}{40,64}`,
  `amzn\\.mws\\.${GUID}`,
];
