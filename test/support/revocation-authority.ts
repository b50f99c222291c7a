import { createHash, type KeyObject } from 'node:crypto';
import {
  BasicOCSPResponse,
  CertID,
  CertStatus,
  KeyHash,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseBytes,
  ResponseData,
  RevokedInfo,
  SingleResponse,
} from '@peculiar/asn1-ocsp';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import {
  extension,
  keyIdentifier,
  signatureAlgorithmOf,
  signBytes,
  TEST_NOW,
  type TestCertificate,
  type TestHash,
} from './x509-authority.js';

/*
 * CRLs and OCSP answers for tests, right ones by default and wrong ones by wish. Written with another ASN.1 library than
 * the one that reads them.
 */

const HOUR = 3_600_000;

export interface TestCrlEntry {
  /** Hex. */
  readonly serial: string;
  readonly date?: Date;
  /** CRLReason number. */
  readonly reason?: number;
  readonly extensions?: readonly x509.Extension[];
}

export interface TestCrlRequest {
  readonly revoked?: readonly TestCrlEntry[];
  readonly thisUpdate?: Date;
  /** null: none. */
  readonly nextUpdate?: Date | null;
  readonly extensions?: readonly x509.Extension[];
  readonly hash?: TestHash;
  readonly pss?: boolean;
  /** Signs with this key instead of the CA's. */
  readonly key?: KeyObject;
  readonly issuer?: x509.Name;
  /** Entries in DER, instead of `revoked`: the library would take half a minute for a large CRL. No extensions then. */
  readonly entries?: Buffer;
}

/** The date that revocations have where nothing else is said. */
export const REVOKED_ON = new Date('2027-05-01T10:00:00Z');

/** A CRL (RFC 5280 5.1) of a CA, DER. */
export function makeCrl(ca: TestCertificate, request: TestCrlRequest = {}): Buffer {
  const key = request.key ?? ca.keys.privateKey;
  const algorithm = signatureAlgorithmOf(key, request);
  const revoked = (request.revoked ?? []).map((one) => {
    const entry = new x509.RevokedCertificate();
    entry.userCertificate = exact(Buffer.from(one.serial, 'hex'));
    entry.revocationDate = new x509.Time(one.date ?? REVOKED_ON);
    const extensions = [
      ...(one.reason === undefined ? [] : [extension('2.5.29.21', Buffer.from([0x0a, 1, one.reason]))]),
      ...(one.extensions ?? []),
    ];
    if (extensions.length > 0) entry.crlEntryExtensions = extensions;
    return entry;
  });
  const nextUpdate = request.nextUpdate === undefined ? new Date(TEST_NOW + 24 * HOUR) : request.nextUpdate;
  const tbs = new x509.TBSCertList({
    version: x509.Version.v2,
    signature: algorithm,
    issuer: request.issuer ?? ca.subject,
    thisUpdate: new x509.Time(request.thisUpdate ?? new Date(TEST_NOW - HOUR)),
    ...(nextUpdate === null ? {} : { nextUpdate: new x509.Time(nextUpdate) }),
    ...(revoked.length === 0 ? {} : { revokedCertificates: revoked }),
    ...(request.extensions === undefined
      ? {}
      : { crlExtensions: new x509.Extensions([...request.extensions]) }),
  });
  const plain = Buffer.from(AsnConvert.serialize(tbs));
  const bytes = request.entries === undefined ? plain : withEntries(plain, request.entries);
  const signature = signBytes(bytes, key, request);
  return sequence(
    bytes,
    Buffer.from(AsnConvert.serialize(algorithm)),
    element(0x03, Buffer.concat([Buffer.from([0]), signature])),
  );
}

/** Puts entries behind the last field of a list without entries. */
function withEntries(tbs: Buffer, entries: Buffer): Buffer {
  const head = (tbs[1] ?? 0) < 0x80 ? 2 : 2 + ((tbs[1] ?? 0) & 0x7f);
  return sequence(tbs.subarray(head), sequence(entries));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
  const head = Buffer.alloc(2 + size);
  head[0] = tag;
  head[1] = size === 0 ? length : 0x80 | size;
  if (size > 0) head.writeUIntBE(length, 2, size);
  return Buffer.concat([head, content]);
}

/** An IssuingDistributionPoint extension (RFC 5280 5.2.5); critical, as it must be. */
export function issuingDistributionPoint(
  value: Partial<x509.IssuingDistributionPoint> & { readonly url?: string },
): x509.Extension {
  const { url, ...rest } = value;
  return extension(
    '2.5.29.28',
    new x509.IssuingDistributionPoint({
      ...rest,
      ...(url === undefined
        ? {}
        : {
            distributionPoint: new x509.DistributionPointName({
              fullName: [new x509.GeneralName({ uniformResourceIdentifier: url })],
            }),
          }),
    }),
    true,
  );
}

export interface TestOcspRequest {
  readonly status?: 'good' | 'unknown' | { readonly revoked: Date; readonly reason?: number };
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date | null;
  /** Hex; default: that of the certificate. */
  readonly serial?: string;
  /** Hash of the CertID. */
  readonly idHash?: 'sha1' | 'sha256';
  /** Signs instead of the CA; its certificate is put in. */
  readonly responder?: TestCertificate;
  /** Whether the responder's certificate comes along; default: yes. */
  readonly withCertificate?: boolean;
  readonly byName?: boolean;
  /** Names this certificate as responder although another one signs. */
  readonly namedAs?: TestCertificate;
  readonly hash?: TestHash;
  readonly singleExtensions?: readonly x509.Extension[];
}

/** A successful OCSP answer (RFC 6960 4.2) about a certificate of the CA, DER. */
export function makeOcspAnswer(
  ca: TestCertificate,
  about: TestCertificate,
  request: TestOcspRequest = {},
): Buffer {
  const signer = request.responder ?? ca;
  const named = request.namedAs ?? signer;
  const key = signer.keys.privateKey;
  const status = request.status ?? 'good';
  const nextUpdate = request.nextUpdate === undefined ? new Date(TEST_NOW + 24 * HOUR) : request.nextUpdate;
  const data = new ResponseData({
    responderID: new ResponderID(
      request.byName === true
        ? { byName: named.subject }
        : { byKey: new KeyHash(exact(keyIdentifier(named.keys.publicKey))) },
    ),
    producedAt: new Date(TEST_NOW),
    responses: [
      new SingleResponse({
        certID: certId(ca, request.serial ?? about.serial, request.idHash ?? 'sha1'),
        certStatus: new CertStatus(
          status === 'good'
            ? { good: null }
            : status === 'unknown'
              ? { unknown: null }
              : {
                  revoked: new RevokedInfo({
                    revocationTime: status.revoked,
                    ...(status.reason === undefined
                      ? {}
                      : { revocationReason: new x509.CRLReason(status.reason) }),
                  }),
                },
        ),
        thisUpdate: request.thisUpdate ?? new Date(TEST_NOW - HOUR),
        ...(nextUpdate === null ? {} : { nextUpdate }),
        ...(request.singleExtensions === undefined
          ? {}
          : { singleExtensions: [...request.singleExtensions] }),
      }),
    ],
  });
  const algorithm = signatureAlgorithmOf(key, request);
  const signed = signBytes(new Uint8Array(AsnConvert.serialize(data)), key, request);
  const basic = new BasicOCSPResponse({
    tbsResponseData: data,
    signatureAlgorithm: algorithm,
    signature: exact(signed),
    ...(request.responder === undefined || request.withCertificate === false
      ? {}
      : { certs: [AsnConvert.parse(request.responder.certificate, x509.Certificate)] }),
  });
  return wrapped(OCSPResponseStatus.successful, Buffer.from(AsnConvert.serialize(basic)));
}

/** An answer that refuses, e.g. with tryLater (3). */
export function makeOcspRefusal(status: OCSPResponseStatus): Buffer {
  return wrapped(status);
}

/** The serial number that a question is about, hex. */
export function serialAsked(body: Uint8Array): string {
  const [request] = AsnConvert.parse(body, OCSPRequest).tbsRequest.requestList;
  return request === undefined ? '' : Buffer.from(request.reqCert.serialNumber).toString('hex');
}

function wrapped(status: OCSPResponseStatus, basic?: Buffer): Buffer {
  const response = new OCSPResponse({
    responseStatus: status,
    ...(basic === undefined
      ? {}
      : {
          responseBytes: new ResponseBytes({
            responseType: '1.3.6.1.5.5.7.48.1.1',
            response: new OctetString(exact(basic)),
          }),
        }),
  });
  return Buffer.from(AsnConvert.serialize(response));
}

function certId(ca: TestCertificate, serial: string, hash: 'sha1' | 'sha256'): CertID {
  const info = AsnConvert.parse(
    ca.keys.publicKey.export({ type: 'spki', format: 'der' }),
    x509.SubjectPublicKeyInfo,
  );
  const digest = (bytes: ArrayBuffer) =>
    new OctetString(exact(createHash(hash).update(new Uint8Array(bytes)).digest()));
  return new CertID({
    hashAlgorithm: new x509.AlgorithmIdentifier({
      algorithm: hash === 'sha1' ? '1.3.14.3.2.26' : '2.16.840.1.101.3.4.2.1',
      parameters: null,
    }),
    issuerNameHash: digest(AsnConvert.serialize(ca.subject)),
    issuerKeyHash: digest(info.subjectPublicKey),
    serialNumber: exact(Buffer.from(serial, 'hex')),
  });
}

function exact(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
