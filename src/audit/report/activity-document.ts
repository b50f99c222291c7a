import { countWords, methodWords } from '../words.js';
import type { ActivityReport } from './activity.js';
import type { ReportDocument, ReportSection } from './document.js';
import { figuresTable, minute, periodWords, rankingTable, scannedWords } from './document-parts.js';
import type { Ranking } from './groups.js';

/** The report of a period, for people. */
export function activityDocument(report: ActivityReport, organisation?: string): ReportDocument {
  const scanned = scannedWords(report);
  return {
    title: 'Mail gateway activity',
    about: [
      ...(organisation === undefined ? [] : [organisation]),
      periodWords(report.period),
      ...scanned.about,
    ],
    notes: [...scanned.notes, ...shadowNote(report), ...notReadNote(report)],
    sections: [mail(report), decisions(report), outcome(report), people(report), changes(report)],
  };
}

function notReadNote({ decisions: { contentNotRead, recipients } }: ActivityReport): readonly string[] {
  if (contentNotRead === 0) return [];
  const all = contentNotRead === recipients ? 'all' : `${contentNotRead} of ${recipients}`;
  return [
    `Content not read: ${all} decisions were made without a look into the message (\`inspect.enabled: false\`); what was found counts the others.`,
  ];
}

function shadowNote({ decisions: { shadow, recipients } }: ActivityReport): readonly string[] {
  if (shadow === 0) return [];
  const all = shadow === recipients ? 'all' : `${shadow} of ${recipients}`;
  return [
    `Shadow mode: ${all} decisions were recorded and not enforced; that mail left unprotected. See \`sallyport audit report --shadow\`.`,
  ];
}

function mail({ mail: m }: ActivityReport): ReportSection {
  return {
    title: 'Mail',
    tables: [
      figuresTable('Volume', [
        ['messages accepted', m.accepted],
        ['recipients', m.recipients],
        ['megabytes', (m.bytes / 1024 ** 2).toFixed(1)],
      ]),
      rankingTable('Messages by client', 'Identity', m.identities, m.accepted),
      rankingTable('Messages by sender', 'Sender', m.senders, m.accepted),
      rankingTable('Recipients by domain', 'Domain', m.recipientDomains, m.recipients),
      rankingTable('Notices sent by the gateway', 'Kind', m.notices),
    ],
  };
}

function decisions({ decisions: d, delivered }: ActivityReport): ReportSection {
  return {
    title: 'Protection',
    tables: [
      figuresTable('Decisions', [
        ['recipients decided', d.recipients],
        ['a rule asked for protection, a hold or a rejection', d.protected],
        ['decided in shadow mode, not enforced', d.shadow],
      ]),
      rankingTable('Decided method', 'Method', inWords(d.methods), d.recipients),
      rankingTable('Rules that matched', 'Rule', d.rules, d.recipients),
      rankingTable('Exceptions that applied', 'Rule and owner', d.exceptions),
      rankingTable('Messages by what was found', 'Detector', d.detectors),
      rankingTable('Messages by classification', 'Classification', d.classifications),
      rankingTable(
        'Delivered to the next server by method',
        'Method',
        inWords(delivered.methods),
        delivered.recipients,
      ),
      rankingTable('Delivered by connection', 'TLS', delivered.tls, delivered.recipients),
    ],
  };
}

function outcome({ holds, failures, portal }: ActivityReport): ReportSection {
  return {
    title: 'Holds, failures and the portal',
    tables: [
      figuresTable('Outcomes', [
        ['recipients held', holds.held],
        ['recipients bounced', failures.bounced],
        ['recipients expired', failures.expired],
        ['attempts that were put off', failures.deferrals],
        ['put in the portal', portal.items],
      ]),
      rankingTable('Why mail was held', 'Reason', holds.reasons, holds.held),
      rankingTable('Who decided held or waiting mail', 'Decision', holds.decidedBy),
      rankingTable('Why mail failed', 'Reason', failures.reasons),
      rankingTable('Failures by domain', 'Domain', failures.domains),
      rankingTable('Inspections that failed', 'Failure', failures.inspection),
      rankingTable('In the portal', 'What', portal.outcomes),
    ],
  };
}

function people({ access }: ActivityReport): ReportSection {
  return {
    title: 'Log-ins and refusals',
    tables: [
      figuresTable('Log-ins of mail clients', [
        ['succeeded', access.succeeded],
        ['failed', access.failed],
      ]),
      rankingTable('Log-ins by account', 'Account', access.accounts, access.succeeded),
      rankingTable('Failed log-ins', 'Account and address', access.failures, access.failed),
      rankingTable('Clients that were refused', 'Stage and reason', access.refusals),
      rankingTable('Operators', 'Operator', access.operators),
      rankingTable('Signing in to the portal', 'What', access.portal),
    ],
  };
}

function changes({ changes: list, changeCount }: ActivityReport): ReportSection {
  const unlisted = changeCount - list.length;
  return {
    title: 'Changes',
    tables: [
      {
        caption: 'Changes of configuration, policies, people and keys',
        columns: [{ name: 'Time (UTC)' }, { name: 'What' }, { name: 'Event', number: true }],
        rows: list.map(({ at, summary, seq }) => [minute(at), summary, String(seq)]),
        empty: 'none',
        ...(unlisted === 0
          ? {}
          : {
              note: `these are the newest; ${countWords(unlisted, 'older one is', 'older ones are')} not listed (\`sallyport audit search\`)`,
            }),
      },
    ],
  };
}

function inWords(ranking: Ranking): Ranking {
  return { ...ranking, top: ranking.top.map(({ key, count }) => ({ key: methodWords(key), count })) };
}
