export { type Certificate, readCertificate } from './certificate.js';
export { BadCertificate } from './der.js';
export { type CertificateDescription, describeCertificate } from './describe.js';
export { type JudgeOptions, judgeCertificate } from './judge.js';
export { certificatePem } from './pem.js';
export { type CertificatesRead, type RefusedCertificate, readCertificates } from './read-certificates.js';
export { checkSignature, type SignatureCheck } from './signature.js';
export { loadTrustAnchors, type TrustAnchorFile } from './trust-anchors.js';
