import { countWords, methodWords } from '../words.js';
import type { ReportDocument, ReportSection, ReportTable } from './document.js';
import { cutWords, figuresTable, periodWords, rankingTable, scannedWords, share } from './document-parts.js';
import type { ShadowReport, ShadowRow, ShadowRule } from './shadow.js';
import type { ShadowTls } from './shadow-tls.js';

/** What shadow mode would have done, for people. */
export function shadowDocument(report: ShadowReport, organisation?: string): ReportDocument {
  const scanned = scannedWords(report);
  const notes = [...scanned.notes];
  if (report.recipients === 0) {
    notes.push(
      'Nothing was decided in shadow mode in this period (`enforcement: shadow` in the configuration).',
    );
  }
  if (report.enforced > 0) {
    notes.push(
      `${countWords(report.enforced, 'recipient was', 'recipients were')} decided and enforced in this period; they are not in these figures.`,
    );
  }
  if (report.contentNotRead > 0) {
    notes.push(
      `Content not read: ${countWords(report.contentNotRead, 'recipient was', 'recipients were')} decided without a look into the message (\`inspect.enabled: false\`).`,
    );
  }
  const uncounted = report.uncounted + report.tls.uncounted;
  if (uncounted > 0) notes.push(`Of senders or domains, ${cutWords(uncounted)}.`);
  return {
    title: 'What would have been protected, held and rejected',
    about: [
      ...(organisation === undefined ? [] : [organisation]),
      periodWords(report.period),
      ...scanned.about,
    ],
    notes,
    sections: [
      overview(report),
      ...byTls(report.tls),
      byRule(report),
      byPeople(report),
      ...report.rules.map(ruleSection),
    ],
  };
}

function overview(report: ShadowReport): ReportSection {
  const { recipients, protected: safe, held, rejected, methods } = report;
  return {
    title: 'In all',
    text: 'All of this mail left as ordinary mail. The figures are recipients; a message to three counts as three.',
    tables: [
      figuresTable('Would have', [
        ['recipients decided', recipients],
        [`been protected (${share(safe, recipients)})`, safe],
        [`been held for a person (${share(held, recipients)})`, held],
        [`been rejected (${share(rejected, recipients)})`, rejected],
        ['left as ordinary mail', recipients - safe - held - rejected],
      ]),
      rankingTable(
        'By method that would have been tried first',
        'Method',
        { ...methods, top: methods.top.map(({ key, count }) => ({ key: methodWords(key), count })) },
        recipients,
      ),
    ],
  };
}

/** What the servers could do counts: mail that can't leave over enforced TLS takes the next method. */
function byTls({
  recipients,
  reached,
  short,
  unknown,
  instead,
  domains,
  unlisted,
}: ShadowTls): readonly ReportSection[] {
  if (recipients === 0) return [];
  const about =
    short === 0
      ? 'No server fell short of the TLS that the policies demand.'
      : `Of these, ${short} to servers without the TLS that the policies demand: they would have been ${instead.top
          .map(({ key, count }) => `${insteadWords(key)}: ${count}`)
          .join('; ')}. What is held here counts as held in every table of this report.`;
  return [
    {
      title: 'Servers of mail over enforced TLS',
      text: `${countWords(recipients, 'recipient', 'recipients')} for whom enforced TLS would have been tried first, by what their server reached when the mail left. ${about}`,
      tables: [
        figuresTable('Enforced TLS', [
          ['to servers with the TLS demanded', reached],
          ['to servers without it', short],
          ['not delivered in this period, so not known', unknown],
        ]),
        rankingTable(
          'Of these, to servers without the TLS demanded',
          'Would have been',
          { ...instead, top: instead.top.map(({ key, count }) => ({ key: insteadWords(key), count })) },
          recipients,
        ),
        {
          caption: 'Domains whose servers fell short',
          columns: [
            { name: 'Domain' },
            { name: 'Recipients', number: true },
            { name: 'TLS seen' },
            { name: 'Why' },
            { name: 'Would have been' },
          ],
          rows: domains.map((one) => [
            one.key,
            String(one.recipients),
            one.lowest,
            one.shortfall ?? '',
            one.instead.map(({ key, count }) => `${insteadWords(key)}: ${count}`).join('; '),
          ]),
          empty: 'none',
          ...unlistedNote(unlisted),
        },
      ],
    },
  ];
}

function insteadWords(key: string): string {
  switch (key) {
    case 'hold':
      return 'held for a person';
    case 'portal':
      return 'placed in the pickup portal';
    default:
      return `sent with ${methodWords(key)}`;
  }
}

const FIGURES = [
  { name: 'Recipients', number: true },
  { name: 'Protected', number: true },
  { name: 'Held', number: true },
  { name: 'Rejected', number: true },
] as const;

function byRule({ rules, unlisted }: ShadowReport): ReportSection {
  return {
    title: 'By rule',
    text: '"Alone" counts recipients for whom no other rule matched: without this rule their mail would leave as ordinary mail.',
    tables: [
      {
        caption: 'Rules that matched',
        columns: [{ name: 'Rule' }, { name: 'At' }, ...FIGURES, { name: 'Alone', number: true }],
        rows: rules.map((one) => [one.rule, one.at, ...cells(one), String(one.alone)]),
        empty: 'no rule matched',
        ...unlistedNote(unlisted.rules),
      },
    ],
  };
}

function byPeople(report: ShadowReport): ReportSection {
  const table = (caption: string, name: string, rows: readonly ShadowRow[], more: number): ReportTable => ({
    caption,
    columns: [{ name }, ...FIGURES],
    rows: rows.map((row) => [row.key, ...cells(row)]),
    empty: 'none',
    ...unlistedNote(more),
  });
  const { unlisted } = report;
  return {
    title: 'By sender and domain',
    text: 'Whose mail would be held or rejected most comes first.',
    tables: [
      table('Senders', 'Sender', report.senders, unlisted.senders),
      table('Domains of senders', 'Domain', report.senderDomains, unlisted.senderDomains),
      table('Domains of recipients', 'Domain', report.recipientDomains, unlisted.recipientDomains),
    ],
  };
}

function ruleSection(rule: ShadowRule): ReportSection {
  return {
    title: `Rule ${rule.rule}`,
    text: `At ${rule.at}. Newest messages: ${rule.examples.join(', ')} (\`sallyport audit show ID\` tells why).`,
    tables: [
      rankingTable('What it found', 'Detector or classification', rule.evidence, rule.recipients),
      rankingTable('Its senders', 'Sender', rule.senders, rule.recipients),
      rankingTable('Domains of its recipients', 'Domain', rule.recipientDomains, rule.recipients),
    ],
  };
}

function cells(row: Omit<ShadowRow, 'key'>): readonly string[] {
  return [row.recipients, row.protected, row.held, row.rejected].map(String);
}

function unlistedNote(more: number): { note?: string } {
  return more === 0 ? {} : { note: `${more} more (\`--top\` lists more)` };
}
