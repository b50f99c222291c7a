import { findCanaries } from './canary.js';
import { decisionOf, ENDS, type LoggedDecision, memberOf, textOf, textsOf } from './events.js';
import { type Check, type LogEvent, type Run, rowKey, type Violation } from './run.js';
import { type ReadCopy, readCopy } from './wire.js';

/**
 * Judges a run by what is known of it from outside: each check is a promise of the relay. Empty: all were kept.
 * The relay must have been left alone until nothing was under way any more.
 */
export function judgeRun(run: Run): readonly Violation[] {
  const violations: Violation[] = [];
  const say = (check: Check, text: string) => violations.push({ check, text });
  const known: Known = {
    run,
    copies: run.copies.map(readCopy),
    log: indexLog(run.events),
    generationOf: (seq) => run.generations.findIndex((one) => seq <= one.lastSeq),
  };
  checkAccepted(known, say);
  checkCopies(known, say);
  checkDuplicates(known, say);
  checkRows(known, say);
  for (const [i, { chainProblems }] of run.generations.entries())
    for (const problem of chainProblems) say('chain', `after start ${i}: ${problem}`);
  for (const found of findCanaries(run.clear, run.canaries))
    say('in-the-clear', `a word of a protected message travelled in the clear: ${found}`);
  for (const found of findCanaries(run.written, run.canaries))
    say('leak', `a word of a protected message was written: ${found}`);
  return violations;
}

type Say = (check: Check, text: string) => void;

interface Known {
  readonly run: Run;
  readonly copies: readonly ReadCopy[];
  readonly log: LogIndex;
  /** Which start wrote an event; -1: none that ended. */
  generationOf(seq: number): number;
}

interface LogIndex {
  readonly accepted: ReadonlyMap<string, LogEvent>;
  readonly notices: ReadonlyMap<string, readonly LogEvent[]>;
  readonly decisions: ReadonlyMap<string, readonly LoggedDecision[]>;
  readonly ends: ReadonlyMap<string, readonly LogEvent[]>;
}

function indexLog(events: readonly LogEvent[]): LogIndex {
  const accepted = new Map<string, LogEvent>();
  const notices = new Map<string, LogEvent[]>();
  const decisions = new Map<string, LoggedDecision[]>();
  const ends = new Map<string, LogEvent[]>();
  for (const event of events) {
    const key = rowKey(textOf(event, 'messageId'), textOf(event, 'recipient'));
    if (event.type === 'message.accepted') accepted.set(textOf(event, 'messageId'), event);
    if (event.type === 'notice.queued' || event.type === 'portal.code-sent')
      add(notices, textOf(event, 'noticeId'), event);
    if (event.type === 'recipient.decided') add(decisions, key, decisionOf(event));
    if (ENDS[event.type] !== undefined) add(ends, key, event);
  }
  return { accepted, notices, decisions, ends };
}

function add<T>(to: Map<string, T[]>, key: string, one: T): void {
  const list = to.get(key);
  if (list === undefined) to.set(key, [one]);
  else list.push(one);
}

/** Every 250 reaches exactly one end per recipient, and the end is what the outside saw, too. */
function checkAccepted({ run, copies, log, generationOf }: Known, say: Say): void {
  for (const { id, sender, recipients } of run.accepted) {
    const recorded = log.accepted.get(id);
    if (recorded === undefined) {
      say('lost', `${id} was answered with 250, but the log knows nothing of it`);
      continue;
    }
    const inLog = textsOf(memberOf(recorded.data, 'recipients'));
    if ([...inLog].sort().join() !== [...recipients].sort().join())
      say(
        'envelope',
        `${id} was accepted for ${recipients.join(', ')}, and recorded for ${inLog.join(', ')}`,
      );
    for (const recipient of recipients) {
      const key = rowKey(id, recipient);
      const row = run.generations.at(-1)?.rows.get(key);
      // An event whose act was cut off by a kill has no row behind it: it is decided again, and the log shows both.
      const ends = (log.ends.get(key) ?? []).filter((event) => {
        const generation = run.generations[generationOf(event.seq)];
        return generation === undefined || generation.rows.get(key) === ENDS[event.type];
      });
      const [end, second] = ends;
      if (end === undefined) {
        say('lost', `${key} was answered with 250 and reached no end: its row is ${row ?? 'gone'}`);
        continue;
      }
      if (second !== undefined) say('one-end', `${key} ended twice: ${end.type} and ${second.type}`);
      if (row !== ENDS[end.type]) say('one-end', `${key}: ${end.type} is recorded, but its row is ${row}`);
      const arrived = copies.some((one) => one.id === id && one.recipients.includes(recipient));
      if (end.type === 'recipient.delivered' && !arrived)
        say('unproved-delivery', `${key} is recorded as delivered, but no server got it`);
      if (end.type === 'recipient.bounced' && arrived)
        say('unproved-delivery', `${key} is recorded as bounced, but a server took it`);
      if (
        end.type === 'recipient.bounced' &&
        sender !== '' &&
        !copies.some((one) => tellsOf(one, recipient, id, sender))
      )
        say('no-bounce-message', `${key} bounced, and ${sender} was not told`);
    }
  }
}

function tellsOf({ copy, sender, recipients }: ReadCopy, recipient: string, id: string, to: string): boolean {
  return (
    sender === '' &&
    recipients.includes(to) &&
    copy.content.includes(`Final-Recipient: rfc822; ${recipient}`) &&
    copy.content.includes(id)
  );
}

/** What travelled was decided before, by the log that the server itself read, and is no more than what was decided. */
function checkCopies({ run, copies, log }: Known, say: Say): void {
  const senders = new Map(run.accepted.map((one) => [one.id, one.sender]));
  for (const { copy, id, sender, recipients, sealed } of copies) {
    if (id === undefined) {
      say('undecided', `a server got mail for ${recipients.join(', ')} that has no ID of the relay`);
      continue;
    }
    if (new Set(recipients).size !== recipients.length)
      say('envelope', `${id}: the same RCPT twice in one transaction: ${recipients.join(', ')}`);
    const own = log.notices.get(id);
    const recordedSender = log.accepted.get(id);
    const expected =
      senders.get(id) ?? (recordedSender === undefined ? undefined : textOf(recordedSender, 'sender'));
    if (expected !== undefined && sender !== expected)
      say('envelope', `${id}: its sender on the wire is <${sender}>, not <${expected}>`);
    for (const recipient of recipients) {
      const key = rowKey(id, recipient);
      if (own !== undefined) {
        if (!own.some((event) => event.seq <= copy.headAtData))
          say('undecided', `${key}: a notice travelled before the log had it`);
        continue;
      }
      if (recordedSender === undefined || recordedSender.seq > copy.headAtData)
        say('unrecorded', `${key} travelled, and the log did not know that it had been accepted`);
      const decisions = log.decisions.get(key);
      if (decisions === undefined) {
        say('envelope', `${key} was sent to, and nothing was ever decided for that recipient`);
        continue;
      }
      const before = decisions.filter((one) => one.seq <= copy.headAtData).at(-1);
      if (before === undefined) {
        say('undecided', `${key}: it travelled before its decision was in the log`);
        continue;
      }
      if (before.shadow) continue;
      if (before.disposition === 'reject') say('weaker', `${key} was sent although it was rejected`);
      const clear = copy.tls === undefined && !sealed;
      if (clear && (before.isProtected || !before.order.includes('plain')) && before.disposition === 'send')
        say('weaker', `${key} travelled in the clear; it was decided to go by ${before.order.join(' or ')}`);
    }
  }
}

/** Whatever ended, the gateway's own mail too, did so by an event of the log. */
function checkRows({ run, log }: Known, say: Say): void {
  const states = new Set(Object.values(ENDS));
  for (const [key, state] of run.generations.at(-1)?.rows ?? []) {
    if (!states.has(state)) continue;
    if (!(log.ends.get(key) ?? []).some((event) => ENDS[event.type] === state))
      say('unrecorded', `${key} is ${state}, and no event says so`);
  }
}

/** A second copy only where a kill fell between the server's reply and our commit, and with the same Message-ID. */
function checkDuplicates({ run, copies }: Known, say: Say): void {
  const seen = new Map<string, ReadCopy>();
  for (const one of copies) {
    if (one.id === undefined) continue;
    for (const recipient of one.recipients) {
      const key = rowKey(one.id, recipient);
      const first = seen.get(key);
      seen.set(key, one);
      if (first === undefined) continue;
      const generation = run.generations[first.copy.generation];
      if (first.messageId !== one.messageId)
        say('duplicate', `${key} arrived twice, as ${first.messageId} and as ${one.messageId}`);
      if (first.copy.generation === one.copy.generation)
        say('duplicate', `${key} arrived twice from the same start of the relay`);
      else if (generation?.end !== 'killed')
        say('duplicate', `${key} arrived again though the relay had been stopped, not killed`);
      else if (generation.rows.get(key) === 'delivered')
        say('duplicate', `${key} arrived again though its delivery had been committed before the kill`);
    }
  }
}
