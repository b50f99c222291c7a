import type { Decision } from '../model/decision.js';
import type { ExistingProtection } from '../model/inspection.js';
import type { RecipientState } from '../model/message.js';
import { describeEvent, readable, sender } from './describe.js';
import type { AuditedFinding, AuditedPart } from './events/mail-events.js';
import type { LoggedEvent } from './logged-event.js';
import { type EventOf, isOf, type MessageStory, type NoticeStory, type RecipientStory } from './story.js';
import { countWords, methodWords, timeWords, tlsWords } from './words.js';

/** What a state means to somebody who asks where the mail is. */
const OUTCOME_WORDS: Readonly<Record<RecipientState, string>> = {
  received: 'accepted, not decided yet',
  pending: 'on its way; the next try is waiting',
  held: 'waiting for a person to decide',
  'in-portal': 'waiting in the portal to be picked up',
  delivered: "accepted by the recipient's mail server",
  'picked-up': 'opened in the portal by whoever proved what was demanded',
  expired: 'not picked up or decided in time',
  bounced: 'could not be delivered; the sender was told',
  ended: 'ended by a person',
};

const UNREAD_WORDS: Readonly<Record<string, string>> = {
  encrypted: 'it is encrypted',
  unsupported: 'its kind is not supported',
  ambiguous: 'mail programs could understand it differently',
  corrupt: 'it is damaged',
  'too-large': 'it is too large',
  'too-deep': 'it is nested too deeply',
  'timed-out': 'it took too long',
};

/**
 * The whole story of a message in plain words, as lines. They may hold text from outside: whoever prints them strips
 * control characters.
 */
export function storyLines(story: MessageStory): readonly string[] {
  const lines = [`Message ${story.messageId}`, ''];
  const section = (make: () => readonly string[]) => lines.push(...readableLines(make), '');
  section(() => acceptedLines(story));
  const { inspected } = story;
  if (inspected !== undefined) section(() => inspectedLines(inspected));
  for (const recipient of story.recipients) section(() => recipientLines(recipient));
  for (const notice of story.notices) section(() => noticeLines(notice));
  if (story.others.length > 0) {
    lines.push('Afterwards');
    for (const event of story.others) lines.push(`  ${timeWords(event.at)}  ${describeEvent(event)}`);
    lines.push('');
  }
  const first = story.events[0];
  const newest = story.events.at(-1);
  if (first !== undefined && newest !== undefined) {
    lines.push(`On record as events ${first.seq} to ${newest.seq} of the audit log.`);
  }
  return lines;
}

function readableLines(make: () => readonly string[]): readonly string[] {
  return readable(make, (words) => [words]);
}

function acceptedLines({ accepted, about }: MessageStory): readonly string[] {
  if (about !== undefined) {
    return [`Made by the gateway itself: a ${about.data.kind} about message ${about.data.messageId}.`];
  }
  if (accepted === undefined) return ['The log has no event of its being accepted.'];
  const { data } = accepted;
  const tls =
    data.clientTls === undefined
      ? 'without TLS'
      : `over TLS (${data.clientTls.protocol}, ${data.clientTls.cipher})`;
  return [
    `Accepted on ${timeWords(accepted.at)}`,
    `  from        ${sender(data.sender)}`,
    ...(data.senderRule === undefined
      ? []
      : [`  let in as   ${[data.senderRule, ...(data.authors?.addresses ?? [])].join(' ')}`]),
    `  to          ${data.recipients.join(', ')}`,
    `  submitted   by "${data.identity}" at the listener "${data.listener}", from ${data.clientAddress}, ${tls}`,
    `  Message-ID  ${data.headerMessageId}`,
    `  size        ${data.size} bytes`,
  ];
}

function inspectedLines({ at, data }: EventOf<'message.inspected'>): readonly string[] {
  const lines = [`What was found (${timeWords(at)})`];
  if (data.failure !== undefined) {
    lines.push(
      `  The inspection ${data.failure === 'timed-out' ? 'took too long' : 'broke down'}, so the whole message counts as unread.`,
    );
  }
  if (data.findings.length === 0) lines.push('  No identifier, health term or other finding.');
  for (const finding of data.findings) lines.push(`  ${findingWords(finding)}`);
  if (data.classifications.length > 0)
    lines.push(`  The message counts as: ${data.classifications.join(', ')}`);
  lines.push(...partLines(data.parts));
  if (data.protection !== undefined) lines.push(`  ${protectionWords(data.protection)}`);
  for (const { name, part, material } of data.ambiguities) {
    lines.push(
      `  Part ${part}: ${name}${material ? ' — mail programs could read it in different ways' : ' (harmless)'}`,
    );
  }
  return lines;
}

function protectionWords({ kind, encrypted, signed }: ExistingProtection): string {
  const how = { 'pgp-mime': 'PGP/MIME', 'pgp-inline': 'PGP', smime: 'S/MIME' }[kind];
  const what = [...(encrypted ? ['encrypted'] : []), ...(signed ? ['signed'] : [])].join(' and ');
  return `Its sender ${what} it by ${how}`;
}

function findingWords(finding: AuditedFinding): string {
  const shown = finding.masked.length === 0 ? '' : `, shown as ${finding.masked.join(' and ')}`;
  return (
    `${finding.detector} (${finding.class}, ${finding.confidence} confidence): ` +
    `${countWords(finding.count, 'time', 'times')}, ${countWords(finding.distinct, 'distinct value', 'distinct values')}` +
    `${shown}; in ${finding.where.map(placeWords).join(', ')}`
  );
}

/** Parts are told by their path; header fields and attachment names by themselves. */
function placeWords(where: string): string {
  return /^\d/.test(where) ? `part ${where}` : where;
}

function partLines(parts: readonly AuditedPart[]): readonly string[] {
  const unread = parts.filter(({ status }) => !['read', 'empty', 'no-text'].includes(status));
  if (unread.length === 0) return [`  ${countWords(parts.length, 'part', 'parts')}, all of them read`];
  return [
    `  ${countWords(parts.length, 'part', 'parts')}, of which ${unread.length} could not be read:`,
    ...unread.map(
      ({ path, mediaType, status }) =>
        `    part ${path} (${mediaType}): ${UNREAD_WORDS[status] ?? status} [${status}]`,
    ),
  ];
}

function recipientLines({ recipient, outcome, events }: RecipientStory): readonly string[] {
  return [
    `For ${recipient}: ${outcome} — ${OUTCOME_WORDS[outcome]}`,
    ...events.flatMap((event) =>
      readableLines(() =>
        eventLines(event).map((line, i) => (i === 0 ? `  ${timeWords(event.at)}  ${line}` : `    ${line}`)),
      ),
    ),
  ];
}

function eventLines(event: LoggedEvent): readonly string[] {
  if (isOf(event, 'recipient.decided')) return decisionLines(event.data.decision);
  if (isOf(event, 'recipient.delivered')) {
    const { data } = event;
    const route = data.route === undefined ? '' : `, through the route "${data.route}"`;
    const promise =
      data.onwardTlsOwner === undefined
        ? []
        : [`TLS from there on is not seen by us; it is the promise of ${data.onwardTlsOwner}.`];
    return [
      `Delivered by ${methodWords(data.method)} (attempt ${data.attempt})`,
      `to ${data.host} [${data.hostAddress}]${route}, which answered ${data.replyCode}`,
      `the connection was ${tlsWords(data.tls)}`,
      ...promise,
    ];
  }
  if (isOf(event, 'recipient.deferred')) {
    const { data } = event;
    return [
      `Attempt ${data.attempt} by ${methodWords(data.method)}${data.host === undefined ? '' : ` at ${data.host}`} did not succeed`,
      `because: ${data.reason} (${data.status})`,
      ...(data.tls === undefined ? [] : [`the connection was ${tlsWords(data.tls)}`]),
      `to be tried again at ${timeWords(data.nextAttemptAt)}`,
    ];
  }
  if (isOf(event, 'recipient.method-changed')) {
    const { from, to, reason } = event.data;
    return [`Changed from ${methodWords(from)} to ${methodWords(to)}`, `because: ${reason}`];
  }
  if (isOf(event, 'recipient.bounced')) {
    const { status, reason, host } = event.data;
    return [
      `Given up and returned to the sender (${status})`,
      `because: ${reason}${host === undefined ? '' : ` (${host})`}`,
    ];
  }
  const text = describeEvent(event);
  return [text.charAt(0).toUpperCase() + text.slice(1)];
}

function decisionLines(decision: Decision): readonly string[] {
  const shadow = decision.enforcement === 'shadow';
  const lines = [
    shadow
      ? 'Decided in SHADOW mode: what follows would have been done; nothing was enforced'
      : `Decided: ${dispositionWords(decision)}`,
  ];
  if (shadow) lines.push(`it would have been: ${dispositionWords(decision)}`);
  if (decision.contentNotRead === true)
    lines.push('nobody looked into the message: inspection was switched off (inspect.enabled: false)');
  if (decision.rules.length === 0) lines.push('no rule matched, so nothing asked for protection');
  for (const rule of decision.rules) {
    const unsure =
      rule.outcome === 'unknown' ? ' (it could not be told whether it applies, so it counts)' : '';
    const evidence = rule.evidence.length === 0 ? '' : `, because of ${rule.evidence.join(', ')}`;
    lines.push(`rule ${rule.rule} (${rule.at}) matched${unsure}${evidence}: ${rule.demands.join('; ')}`);
  }
  for (const rule of decision.excepted ?? []) {
    lines.push(
      `rule ${rule.rule} (${rule.at}) did not count by an exception that ${rule.owner} answers for, until ${rule.expires}`,
    );
  }
  for (const { method, verdict, reason, refusedKeys = [] } of decision.considered) {
    lines.push(`${methodWords(method)}: ${verdictWords(verdict)}: ${reason}`);
    for (const one of refusedKeys) {
      const which = one.fingerprint === undefined ? one.source : `key ${one.fingerprint} (${one.source})`;
      if (!reason.includes(one.reason)) lines.push(`  ${which} was not used: ${one.reason}`);
    }
  }
  for (const notice of decision.notices ?? []) lines.push(`note: ${notice}`);
  lines.push(`decided under policy ${decision.policyHash}`);
  return lines;
}

function dispositionWords(decision: Decision): string {
  switch (decision.demand.disposition) {
    case 'hold':
      return `held for a person${decision.holdReason === undefined ? '' : `: ${decision.holdReason}`}`;
    case 'reject':
      return `refused${decision.rejectText === undefined ? '' : `; the sender is told: ${decision.rejectText}`}`;
    case 'send': {
      const first = decision.order[0];
      const by = first === undefined ? 'no method is left' : `to travel by ${methodWords(first)}`;
      return `${by}; ${decision.protected ? 'a rule asked for protection' : 'no rule asked for protection'}`;
    }
  }
}

function verdictWords(verdict: Decision['considered'][number]['verdict']): string {
  switch (verdict) {
    case 'chosen':
      return 'chosen';
    case 'fallback':
      return 'kept for when the chosen one fails';
    case 'refused':
      return 'not used';
  }
}

function noticeLines({ kind, noticeId, recipient, outcome, events }: NoticeStory): readonly string[] {
  return [
    `A ${kind} about it to ${recipient} (${noticeId}): ${outcome}`,
    ...events.map((event) => `  ${timeWords(event.at)}  ${describeEvent(event)}`),
  ];
}
