/*
 * The product as it is built and runs: what tsx makes of the source takes longer. The types are those of the source.
 */

const at = (file: string) => new URL(`../../dist/${file}`, import.meta.url).href;

/** For threads and processes that load it themselves. */
export const PRODUCT_URLS = {
  payload: at('protect/payload/build-payload.js'),
  pgp: at('protect/pgp/seal-pgp.js'),
  smime: at('protect/smime/seal-smime.js'),
  sealer: at('protect/sealer.js'),
  openPgpKeys: at('keys/openpgp/index.js'),
  certificates: at('keys/x509/index.js'),
  inspectMessage: at('inspect/inspect-message.js'),
} as const;

const payload: typeof import('../../src/protect/payload/build-payload.js') = await import(
  PRODUCT_URLS.payload
);
const openPgpKeys: typeof import('../../src/keys/openpgp/index.js') = await import(PRODUCT_URLS.openPgpKeys);
const certificates: typeof import('../../src/keys/x509/index.js') = await import(PRODUCT_URLS.certificates);
const sealer: typeof import('../../src/protect/sealer.js') = await import(PRODUCT_URLS.sealer);
const copies: typeof import('../../src/store/copies.js') = await import(at('store/copies.js'));

export const { buildPayload } = payload;
export const { judgeOpenPgp } = openPgpKeys;
export const { judgeCertificate } = certificates;
export const { THREAD_LIMITS } = sealer;
export const { openCopies } = copies;

const auditLog: typeof import('../../src/audit/log.js') = await import(at('audit/log.js'));
const auditReader: typeof import('../../src/audit/reader.js') = await import(at('audit/reader.js'));
const auditSearch: typeof import('../../src/audit/search.js') = await import(at('audit/search.js'));
const auditVerify: typeof import('../../src/audit/verify.js') = await import(at('audit/verify.js'));
const auditKey: typeof import('../../src/audit/signing-key.js') = await import(at('audit/signing-key.js'));

export type { SearchQuery } from '../../src/audit/search.js';
export const { openAuditLog } = auditLog;
export const { openAuditReader } = auditReader;
export const { searchAudit } = auditSearch;
export const { verifyAuditLog } = auditVerify;
export const { loadOrCreateSigningKey, readPublicKey } = auditKey;
