import { createHash } from 'node:crypto';
import { CertID, OCSPRequest, Request, TBSRequest } from '@peculiar/asn1-ocsp';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import type { Certificate } from '../x509/certificate.js';
import { keyBitsOf } from './signed.js';

/**
 * A question about one certificate (RFC 6960 4.1). The identifier is made with SHA-1, which all responders know and
 * which protects nothing here: answers are recognised by it, not believed for it. Without a nonce (RFC 6960 4.4.1,
 * RFC 9654): many responders answer from stock, so that its absence could not be held against an answer; dates show
 * how fresh it is.
 * @throws BadCertificate
 */
export function ocspRequest(certificate: Certificate, ca: Certificate): Uint8Array {
  const reqCert = new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: '1.3.14.3.2.26', parameters: null }),
    issuerNameHash: sha1(certificate.issuer.bytes),
    issuerKeyHash: sha1(keyBitsOf(ca)),
    serialNumber: new Uint8Array(Buffer.from(certificate.serial, 'hex')).buffer,
  });
  const tbsRequest = new TBSRequest({ requestList: [new Request({ reqCert })] });
  return new Uint8Array(AsnConvert.serialize(new OCSPRequest({ tbsRequest })));
}

function sha1(bytes: Uint8Array): OctetString {
  return new OctetString(new Uint8Array(createHash('sha1').update(bytes).digest()).buffer);
}
