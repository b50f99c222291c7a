import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/relay-process.js';

/*
 * `sallyport demo`: the relay, four recipients' servers and a dozen mails, without any network. It judges itself; here
 * its rows are compared with what the shipped policies say, by eyes of our own.
 */

interface Row {
  readonly sample: string;
  readonly recipient: string;
  readonly findings: string;
  readonly decision: string;
  readonly wire: string;
  readonly auditSeq: string;
  readonly problem?: string;
}

describe('the demo', () => {
  it('ends with 0, and every mail went as its policy says', { timeout: 90_000 }, async () => {
    const result = await runCommand(['demo', '--json']);
    expect(result.stderr).toBe('');
    const { rows, problems, events }: { rows: Row[]; problems: string[]; events: number } = JSON.parse(
      result.stdout,
    );
    expect(problems).toEqual([]);
    expect(result.status).toBe(0);
    expect(events).toBeGreaterThan(50);
    expect(rows.length).toBeGreaterThanOrEqual(12);
    expect(new Set(rows.map((row) => row.recipient.split('@')[1])).size).toBeGreaterThanOrEqual(4);

    for (const row of rows) {
      expect(row.problem).toBeUndefined();
      expect(row.auditSeq).toMatch(/^\d+–\d+$/);
      expect(row.wire).not.toBe('');
      // Whatever was found to be patient or card data left the organisation by TLS or waits in the portal, or for a
      // person, or came back.
      if (
        !row.recipient.endsWith('@clinic.example') &&
        /\bPHI\b|\bPCI\b|unsupported|encrypted/.test(row.findings)
      )
        expect([row.sample, row.decision]).toEqual([
          row.sample,
          expect.stringMatching(/^(tls|portal|hold|reject)\b/),
        ]);
    }
    const decisions = rows.map((row) => row.decision.split('\n')[0]?.split(' ')[0]);
    for (const kind of ['plain', 'tls', 'portal', 'hold']) expect(decisions).toContain(kind);
    for (const text of ['212-55-0187', '00482913', 'Roe, Jane']) expect(result.stdout).not.toContain(text);
  });
});
