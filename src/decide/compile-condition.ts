import { PART_STATUSES, type PartStatus } from '../model/inspection.js';
import { type CompileContext, type Path, refuseUnread } from './compile-context.js';
import {
  compileAmbiguity,
  compileAttachment,
  compileFindings,
  compileHeader,
  compileParty,
  compileSize,
  compileText,
  compileTime,
} from './compile-facts.js';
import type { ConditionSource } from './condition-schema.js';
import { many } from './one-or-many.js';
import type { WhenSource } from './policy-schema.js';
import type { Condition } from './policy-set.js';

/** Conditions that need the content, or the header, of a message. */
const ABOUT_CONTENT = ['subject', 'header', 'attachment', 'part_status', 'ambiguity', 'findings'] as const;

/** Compiles a `when`; what can't be compiled is reported, and then the result must not be used. */
export function compileWhen(source: WhenSource, path: Path, context: CompileContext): Condition {
  return source === 'always' ? { kind: 'always' } : compileCondition(source, path, context);
}

function compileCondition(source: ConditionSource, path: Path, context: CompileContext): Condition {
  const parts: Condition[] = [];
  const under = (key: string) => [...path, key];
  for (const key of ABOUT_CONTENT)
    if (source[key] !== undefined)
      refuseUnread(context, under(key), `\`${key}\` looks at what stands in mail`);
  if (source.all !== undefined) {
    parts.push({
      kind: 'all',
      of: source.all.map((one, i) => compileCondition(one, [...path, 'all', i], context)),
    });
  }
  if (source.any !== undefined) {
    parts.push({
      kind: 'any',
      of: source.any.map((one, i) => compileCondition(one, [...path, 'any', i], context)),
    });
  }
  if (source.not !== undefined) {
    parts.push({ kind: 'not', of: compileCondition(source.not, under('not'), context) });
  }
  if (source.identity !== undefined) parts.push({ kind: 'identity', names: many(source.identity) });
  if (source.sender !== undefined) {
    parts.push({ kind: 'sender', party: compileParty(source.sender, 'sender', under('sender'), context) });
  }
  if (source.recipient !== undefined) {
    const party = compileParty(source.recipient, 'recipient', under('recipient'), context);
    parts.push({ kind: 'recipient', party });
  }
  if (source.subject !== undefined) {
    const { subject } = source;
    const test = typeof subject === 'string' || Array.isArray(subject) ? { contains: subject } : subject;
    if (Object.keys(test).length === 0) {
      context.problem(under('subject'), 'needs one of contains, equals, pattern');
    }
    parts.push({ kind: 'subject', text: compileText(test, under('subject'), context) });
  }
  if (source.header !== undefined) parts.push(compileHeader(source.header, under('header'), context));
  if (source.size !== undefined) parts.push(compileSize(source.size, under('size'), context));
  if (source.attachment !== undefined) {
    parts.push(compileAttachment(source.attachment, under('attachment'), context));
  }
  if (source.part_status !== undefined) {
    parts.push({ kind: 'part-status', statuses: many(source.part_status).flatMap(expandStatus) });
  }
  if (source.ambiguity !== undefined) {
    parts.push({ kind: 'ambiguity', names: compileAmbiguity(source.ambiguity, under('ambiguity'), context) });
  }
  if (source.findings !== undefined) {
    parts.push(compileFindings(source.findings, under('findings'), context));
  }
  if (source.time !== undefined) parts.push(compileTime(source.time, under('time'), context));
  const [first] = parts;
  if (first === undefined) {
    context.problem(path, 'an empty condition: name at least one key, or write `when: always`');
    return { kind: 'always' };
  }
  return parts.length === 1 ? first : { kind: 'all', of: parts };
}

function expandStatus(word: PartStatus | 'unread'): readonly PartStatus[] {
  if (word !== 'unread') return [word];
  return PART_STATUSES.filter((status) => status !== 'read' && status !== 'empty' && status !== 'no-text');
}
