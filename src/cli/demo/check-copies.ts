import { errorText } from '../../shared/errors.js';
import type { Received } from './peers.js';
import type { Person } from './people.js';
import { splitEntity } from './split-entity.js';
import type { Submitted } from './submit.js';

/** What stands outside in place of the Subject; `protect.subject` is left at its default. */
const OUTER_SUBJECT = '[...]';

const SEALED_TYPES: Readonly<Record<Person['method'], RegExp>> = {
  pgp: /^multipart\/encrypted;.*\bprotocol="?application\/pgp-encrypted\b/i,
  smime: /^application\/pkcs7-mime;.*\bsmime-type="?enveloped-data\b/i,
};

/**
 * Looks at the copy that a recipient's server got, and opens it with the recipient's key.
 * @returns what is wrong with it; undefined when it shows nothing outside and holds inside what was sent, byte for byte
 */
export async function checkSealedCopy(
  submitted: Submitted,
  person: Person,
  received: readonly Received[],
): Promise<string | undefined> {
  const { sample, messageId, bytes } = submitted;
  const [copy, ...more] = received.filter(
    (got) =>
      got.recipients.includes(person.address) && splitEntity(got.bytes).field('Message-ID') === messageId,
  );
  if (copy === undefined) return 'its server got no copy';
  if (more.length > 0 || copy.recipients.length > 1) return 'its copy is not one of its own';
  const outside = splitEntity(copy.bytes);
  if (!SEALED_TYPES[person.method].test(outside.field('Content-Type') ?? ''))
    return 'its copy is not of the type of sealed mail';
  if (outside.field('Subject') !== OUTER_SUBJECT) return 'the Subject shows outside';
  if (copy.bytes.includes(sample.canary)) return 'its text shows outside';

  let opened: Buffer;
  try {
    opened = await person.open(copy.bytes);
  } catch (error) {
    return `the recipient can't open it: ${errorText(error)}`;
  }
  const inside = splitEntity(opened);
  const sent = splitEntity(bytes);
  if (!inside.body.equals(sent.body)) return 'what the recipient opens is not what was sent';
  if (sample.hidden?.some((hidden) => hidden !== person.address && opened.includes(hidden)) === true)
    return 'what the recipient opens names a hidden recipient';
  if (inside.field('Subject') !== sent.field('Subject')) return 'the Subject inside is not the one sent';
  return undefined;
}

/** No copy, sealed or not, may name a hidden recipient to another. @returns those that do, in words */
export function hiddenRecipientsShown(
  submitted: readonly Submitted[],
  received: readonly Received[],
): readonly string[] {
  return submitted.flatMap(({ sample, messageId }) =>
    (sample.hidden ?? []).flatMap((hidden) =>
      received
        .filter((got) => splitEntity(got.bytes).field('Message-ID') === messageId)
        .filter((got) => got.recipients.some((to) => to !== hidden) && got.bytes.includes(hidden))
        .map((got) => `${sample.name}: the copy for ${got.recipients.join(', ')} names ${hidden}`),
    ),
  );
}
