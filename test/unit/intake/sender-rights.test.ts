import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../src/intake/header-block.js';
import { type Allowances, judgeHeaderSenders, NOTHING_MORE } from '../../../src/intake/sender-rights.js';
import { parseSenderPattern } from '../../../src/shared/sender-pattern.js';

const patterns = (...texts: readonly string[]) => texts.map((text) => parseSenderPattern(text)!);
const WARD = 'ward3@clinic.example';
const OTHERS = 'eve@lab.example';
/** Of the organisation, but not of this identity. */
const BOSS = 'boss@clinic.example';
/** Of a subdomain of the organisation, which nobody configured. */
const SUB = 'anyone@ward.clinic.example';

const judge = (allow: Allowances, envelope: string, ...lines: readonly string[]) => {
  const parsed = readHeader(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
  if (!parsed.ok) throw new Error(parsed.refusal.text);
  const rights = { senders: patterns(WARD, 'bounces@clinic.example'), allow };
  const judged = judgeHeaderSenders(parsed.fields, rights, envelope, ['clinic.example'], false);
  if (!judged.ok) {
    expect([judged.refusal.code, judged.refusal.status]).toEqual([550, '5.7.1']);
    return 'refused';
  }
  const { rule, authors } = judged;
  return [rule, ...(authors?.addresses ?? []), ...(authors?.unsure === true ? ['?'] : [])].join(' ');
};
const off = NOTHING_MORE;
const behalf: Allowances = { ...off, onBehalfOf: patterns(BOSS) };
const resent: Allowances = { ...off, forwarding: 'resent' };
const redirected: Allowances = { ...off, forwarding: 'redirected' };

describe('who may stand in the header', () => {
  const table: readonly (readonly [string, Allowances, string, readonly string[], string])[] = [
    ['one own address', off, WARD, [`From: ${WARD}`], 'own'],
    ['another own address in the envelope', off, 'bounces@clinic.example', [`From: ${WARD}`], 'own'],
    ['no From', off, WARD, ['Subject: x'], 'refused'],
    ["somebody else's From", off, WARD, [`From: ${OTHERS}`], 'refused'],
    ["a colleague's From", off, WARD, [`From: ${BOSS}`], 'refused'],
    ['two mailboxes', off, WARD, [`From: ${WARD}, ${OTHERS}`], 'refused'],
    ['a Sender that is From', off, WARD, [`From: ${WARD}`, `Sender: Ward <${WARD}>`], 'own'],

    ['no envelope sender', off, '', [`From: ${WARD}`], `null-sender ${WARD}`],
    ["no envelope sender, somebody else's From", off, '', [`From: ${OTHERS}`], 'refused'],
    ['no envelope sender, two mailboxes', off, '', [`From: ${WARD}, ${BOSS}`], 'refused'],
    ['no envelope sender, a group', off, '', [`From: ward:${WARD};`], 'refused'],

    ['on behalf, not allowed', off, WARD, [`From: ${BOSS}`, `Sender: ${WARD}`], 'refused'],
    ['on behalf', behalf, WARD, [`From: ${BOSS}`, `Sender: ${WARD}`], `on-behalf-of ${BOSS}`],
    [
      'on behalf, no envelope sender',
      behalf,
      '',
      [`From: ${BOSS}`, `Sender: ${WARD}`],
      `on-behalf-of ${BOSS} ${WARD}`,
    ],
    ['on behalf, without Sender', behalf, WARD, [`From: ${BOSS}`], 'refused'],
    ['on behalf of somebody else', behalf, WARD, [`From: ${OTHERS}`, `Sender: ${WARD}`], 'refused'],
    ['on behalf by somebody else', behalf, WARD, [`From: ${BOSS}`, `Sender: ${OTHERS}`], 'refused'],
    ['on behalf by the one it is of', behalf, WARD, [`From: ${BOSS}`, `Sender: ${BOSS}`], 'refused'],
    [
      'one own address on behalf of another',
      behalf,
      WARD,
      [`From: ${WARD}`, 'Sender: bounces@clinic.example'],
      'refused',
    ],

    ['resent, not allowed', off, WARD, [`Resent-From: ${WARD}`, `From: ${OTHERS}`], 'refused'],
    ['own mail resent by others', off, WARD, [`Resent-From: ${OTHERS}`, `From: ${WARD}`], 'refused'],
    ['own mail resent', off, WARD, [`Resent-From: ${WARD}`, `From: ${WARD}`], 'own'],
    ['resent', resent, WARD, [`Resent-From: ${WARD}`, 'Resent-Date: x', `From: ${OTHERS}`], 'resent'],
    [
      'resent, another envelope sender',
      resent,
      'bounces@clinic.example',
      [`Resent-From: ${WARD}`, `From: ${OTHERS}`],
      `resent ${WARD}`,
    ],
    ['resent, no envelope sender', resent, '', [`Resent-From: ${WARD}`, `From: ${OTHERS}`], `resent ${WARD}`],
    [
      'resent, with a Sender of others',
      resent,
      WARD,
      [`Resent-From: ${WARD}`, `From: ${OTHERS}`, 'Sender: list@lab.example'],
      'resent',
    ],
    ['resent by others', resent, WARD, [`Resent-From: ${OTHERS}`, `From: ${OTHERS}`], 'refused'],
    ['resent by a colleague', resent, WARD, [`Resent-From: ${BOSS}`, `From: ${OTHERS}`], 'refused'],
    [
      'resent, by a Resent-Sender of others',
      resent,
      WARD,
      [`Resent-Sender: ${OTHERS}`, `Resent-From: ${WARD}`, `From: ${OTHERS}`],
      'refused',
    ],
    ['resent without Resent-From', resent, WARD, [`Resent-Sender: ${WARD}`, `From: ${OTHERS}`], 'refused'],
    [
      'resent last by us',
      resent,
      WARD,
      [`Resent-From: ${WARD}`, 'Received: by x', `Resent-From: ${OTHERS}`, `From: ${OTHERS}`],
      'resent',
    ],
    [
      'resent by us before others',
      resent,
      WARD,
      [`Resent-From: ${OTHERS}`, 'Received: by x', `Resent-From: ${WARD}`, `From: ${OTHERS}`],
      'refused',
    ],
    [
      'a Resent-From of ours in an older block',
      resent,
      WARD,
      ['Resent-Date: x', 'Received: by x', `Resent-From: ${WARD}`, `From: ${OTHERS}`],
      'refused',
    ],
    [
      'a second Resent-Sender in the block',
      resent,
      WARD,
      [`Resent-Sender: ${WARD}`, `Resent-Sender: ${OTHERS}`, `Resent-From: ${WARD}`, `From: ${OTHERS}`],
      'refused',
    ],
    ["resent, a colleague's From", resent, WARD, [`Resent-From: ${WARD}`, `From: ${BOSS}`], 'refused'],
    ['resent, a From of a subdomain', resent, WARD, [`Resent-From: ${WARD}`, `From: ${SUB}`], 'refused'],
    [
      "resent, a colleague's Sender",
      resent,
      WARD,
      [`Resent-From: ${WARD}`, `From: ${OTHERS}`, `Sender: ${BOSS}`],
      'refused',
    ],
    [
      'resent, another own address as Sender',
      resent,
      WARD,
      [`Resent-From: ${WARD}`, `From: ${OTHERS}`, 'Sender: bounces@clinic.example'],
      'resent',
    ],
    [
      'resent before by a colleague',
      resent,
      WARD,
      [`Resent-From: ${WARD}`, 'Received: by x', `Resent-From: ${BOSS}`, `From: ${OTHERS}`],
      'resent',
    ],
    [
      "resent, a colleague's From, may redirect",
      redirected,
      WARD,
      [`Resent-From: ${WARD}`, `From: ${BOSS}`],
      'refused',
    ],
    ['forwarded without a word', resent, WARD, [`From: ${OTHERS}`], 'refused'],

    ['redirected', redirected, 'bounces@clinic.example', [`From: ${OTHERS}`], 'redirected ?'],
    [
      'redirected, with a Sender',
      redirected,
      WARD,
      [`From: ${OTHERS}`, 'Sender: list@lab.example'],
      'redirected ?',
    ],
    ['redirected, without an envelope sender', redirected, '', [`From: ${OTHERS}`], 'refused'],
    ['redirected, in the name of a colleague', redirected, WARD, [`From: ${BOSS}`], 'refused'],
    ['redirected, in the name of a subdomain', redirected, WARD, [`From: ${SUB}`], 'refused'],
    [
      'redirected, resent by a subdomain',
      redirected,
      WARD,
      [`Resent-From: ${SUB}`, `From: ${OTHERS}`],
      'refused',
    ],
    ['redirected, a domain that ends alike', redirected, WARD, ['From: x@myclinic.example'], 'redirected ?'],
    [
      "redirected, a colleague's address as the name",
      redirected,
      WARD,
      [`From: "${BOSS}" <${OTHERS}>`],
      'refused',
    ],
    ['redirected, sent by a colleague', redirected, WARD, [`From: ${OTHERS}`, `Sender: ${BOSS}`], 'refused'],
    [
      'redirected, resent by a colleague',
      redirected,
      WARD,
      [`Resent-From: ${BOSS}`, `From: ${OTHERS}`],
      'refused',
    ],
    ['redirected, but resent by us', redirected, WARD, [`Resent-From: ${WARD}`, `From: ${OTHERS}`], 'resent'],
    [
      'redirected, a From that hides an address',
      redirected,
      WARD,
      [`From: "${BOSS}" (x) <${OTHERS}>`],
      'refused',
    ],
  ];
  it.each(table)('%s', (_, allow, envelope, lines, outcome) => {
    expect(judge(allow, envelope, ...lines)).toBe(outcome);
  });
});
