/*
 * Names that a sender chooses, media types and header fields among them, can hold anything, a patient's name included.
 * The log keeps those that everybody uses, and of the others only that there was one.
 */

/** What stands for a name that isn't kept. */
const OTHER = '(other)';

const MEDIA_TYPES: Readonly<Record<string, readonly string[]>> = {
  text: words(
    'plain html csv tab-separated-values calendar rtf richtext enriched xml markdown css javascript vcard x-vcard',
    'directory rfc822-headers x-amp-html',
  ),
  image: words(
    'png jpeg pjpeg gif bmp x-ms-bmp tiff webp svg+xml heic heif avif jp2 x-icon vnd.microsoft.icon',
  ),
  audio: words('mpeg mp3 wav x-wav ogg mp4 aac amr webm basic x-ms-wma'),
  video: words('mp4 mpeg quicktime webm ogg 3gpp x-msvideo x-ms-wmv'),
  application: words(
    'octet-stream pdf zip x-zip x-zip-compressed gzip x-gzip x-tar x-7z-compressed vnd.rar x-rar-compressed x-compressed',
    'x-bzip2 json xml rtf x-rtf postscript javascript x-javascript x-msdownload x-msdos-program epub+zip ics',
    'msword vnd.ms-excel vnd.ms-powerpoint vnd.ms-outlook vnd.ms-publisher vnd.ms-project vnd.visio onenote',
    'vnd.openxmlformats-officedocument.wordprocessingml.document',
    'vnd.openxmlformats-officedocument.wordprocessingml.template',
    'vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'vnd.openxmlformats-officedocument.presentationml.presentation',
    'vnd.ms-word.document.macroenabled.12 vnd.ms-excel.sheet.macroenabled.12',
    'vnd.ms-excel.sheet.binary.macroenabled.12 vnd.ms-powerpoint.presentation.macroenabled.12',
    'vnd.oasis.opendocument.text vnd.oasis.opendocument.spreadsheet vnd.oasis.opendocument.presentation',
    'vnd.apple.pages vnd.apple.numbers vnd.apple.keynote applefile mac-binhex40',
    'pkcs7-mime x-pkcs7-mime pkcs7-signature x-pkcs7-signature pkcs10 pkcs12 x-pkcs12 x-x509-ca-cert',
    'pgp-encrypted pgp-signature pgp-keys ms-tnef vnd.ms-tnef',
    'dicom dicom+json fhir+json fhir+xml hl7-v2 hl7-v2+xml cda+xml edi-x12 edifact edi-consent',
    'x-www-form-urlencoded sql vnd.sqlite3 x-sqlite3',
  ),
  multipart: words('mixed alternative related signed encrypted report digest parallel form-data appledouble'),
  message: words(
    'rfc822 partial external-body delivery-status disposition-notification feedback-report global',
    'global-headers global-delivery-status',
  ),
  font: [],
  model: [],
};

const HEADERS: ReadonlySet<string> = new Set(
  words(
    'from sender reply-to to cc bcc subject date message-id in-reply-to references comments keywords received',
    'return-path resent-from resent-sender resent-to resent-cc resent-bcc resent-date resent-message-id',
    'mime-version content-type content-transfer-encoding content-disposition content-id content-description',
    'content-language content-location content-class organization importance priority sensitivity x-priority x-mailer',
    'x-msmail-priority user-agent thread-topic thread-index auto-submitted precedence disposition-notification-to',
    'list-id list-post list-help list-subscribe list-unsubscribe list-unsubscribe-post list-owner list-archive',
    'dkim-signature arc-seal arc-message-signature arc-authentication-results authentication-results',
    'x-originating-ip x-original-to delivered-to x-forwarded-to x-tags',
  ),
);

/** A media type as the log keeps it. */
export function keptMediaType(mediaType: string): string {
  const slash = mediaType.indexOf('/');
  const top = mediaType.slice(0, Math.max(0, slash));
  const known = Object.hasOwn(MEDIA_TYPES, top) ? MEDIA_TYPES[top] : undefined;
  if (known === undefined) return OTHER;
  return known.includes(mediaType.slice(slash + 1)) ? mediaType : `${top}/${OTHER}`;
}

/** The place of a finding as the log keeps it: a part's path, or `header:` with the name of the field. */
export function keptPlace(place: string): string {
  if (!place.startsWith('header:')) return place;
  return HEADERS.has(place.slice('header:'.length)) ? place : `header:${OTHER}`;
}

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}
