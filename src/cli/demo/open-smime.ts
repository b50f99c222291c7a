import {
  constants,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  type X509Certificate,
} from 'node:crypto';
import { ContentInfo, EnvelopedData } from '@peculiar/asn1-cms';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { splitEntity } from './split-entity.js';

const ENVELOPED_DATA = '1.2.840.113549.1.7.3';
const RSA_PKCS1 = '1.2.840.113549.1.1.1';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';

/**
 * Opens an S/MIME message (RFC 8551 3.3) with its recipient's key. It reads what the demo's configuration leads to:
 * EnvelopedData for one RSA certificate by PKCS#1 v1.5, with AES-256-CBC. It does not share code with what seals.
 * @returns the sealed entity
 * @throws when it is anything else, or not for this certificate
 */
export function openSmimeMail(
  message: Buffer,
  owner: { readonly privateKey: KeyObject; readonly certificate: X509Certificate },
): Buffer {
  const cms = Buffer.from(splitEntity(message).body.toString('latin1'), 'base64');
  const outer = AsnConvert.parse(cms, ContentInfo);
  if (outer.contentType !== ENVELOPED_DATA) throw new Error('it is not EnvelopedData');
  const { recipientInfos, encryptedContentInfo } = AsnConvert.parse(outer.content, EnvelopedData);

  const [info, ...others] = [...recipientInfos];
  const serial = info?.ktri?.rid.issuerAndSerialNumber?.serialNumber;
  if (info?.ktri === undefined || others.length > 0 || serial === undefined)
    throw new Error('it is not sealed for exactly one RSA certificate');
  if (BigInt(`0x${Buffer.from(serial).toString('hex')}`) !== BigInt(`0x${owner.certificate.serialNumber}`))
    throw new Error('it is sealed for another certificate');
  if (info.ktri.keyEncryptionAlgorithm.algorithm !== RSA_PKCS1)
    throw new Error('its key is not encrypted by PKCS#1 v1.5');
  const contentKey = unpadded(
    privateDecrypt(
      { key: owner.privateKey, padding: constants.RSA_NO_PADDING },
      Buffer.from(info.ktri.encryptedKey.buffer),
    ),
  );

  const { contentEncryptionAlgorithm, encryptedContent } = encryptedContentInfo;
  if (contentEncryptionAlgorithm.algorithm !== AES_256_CBC) throw new Error('its cipher is not AES-256-CBC');
  if (contentEncryptionAlgorithm.parameters == null || encryptedContent?.value === undefined)
    throw new Error('its content is missing');
  const iv = AsnConvert.parse(contentEncryptionAlgorithm.parameters, OctetString);
  const cipher = createDecipheriv('aes-256-cbc', contentKey, Buffer.from(iv.buffer));
  return Buffer.concat([cipher.update(Buffer.from(encryptedContent.value.buffer)), cipher.final()]);
}

/**
 * The message in a PKCS#1 v1.5 block (RFC 8017 7.2.2). By hand, because Node.js versions refuse this padding for decryption:
 * a program that answers strangers would tell them by its errors what is inside. The demo answers nobody.
 */
function unpadded(block: Buffer): Buffer {
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new Error('its key is for another private key');
  return block.subarray(end + 1);
}
