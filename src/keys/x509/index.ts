export { BadCertificate } from './der.js';
export { describeCertificate } from './describe.js';
export { judgeCertificate } from './judge.js';
export { certificatePem } from './pem.js';
export { readCertificates } from './read-certificates.js';
export { loadTrustAnchors } from './trust-anchors.js';
