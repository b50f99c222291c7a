import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/relay-process.js';

/*
 * `sallyport demo`: the relay, five mail servers, keys of two recipients and fifteen mails, without any network. It judges
 * itself; here its rows are compared with what the shipped policies say, by eyes of our own.
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

interface Result {
  readonly rows: Row[];
  readonly problems: string[];
  readonly opened: number;
  readonly events: number;
}

const PGP_WIRE = "sealed by PGP, delivered, no TLS\nopened with the recipient's key";
const SMIME_WIRE = "sealed by S/MIME, delivered, encrypted TLSv1.3\nopened with the recipient's key";

describe('the demo', () => {
  it('ends with 0, and every mail went as its policy says', async () => {
    const result = await runCommand(['demo', '--json']);
    expect(result.stderr).toBe('');
    const { rows, problems, opened, events }: Result = JSON.parse(result.stdout);
    expect(problems).toEqual([]);
    expect(result.status).toBe(0);
    expect(events).toBeGreaterThan(50);
    expect(new Set(rows.map((row) => row.sample)).size).toBe(15);
    expect(new Set(rows.map((row) => row.recipient.split('@')[1])).size).toBeGreaterThanOrEqual(4);

    for (const row of rows) {
      expect(row.problem).toBeUndefined();
      expect(row.auditSeq).toMatch(/^\d+–\d+$/);
      expect(row.wire).not.toBe('');
      // Whatever was found to be patient or card data left the organisation sealed or by TLS, or waits in the portal, or for a
      // person, or came back.
      if (
        !row.recipient.endsWith('@clinic.example') &&
        /\bPHI\b|\bPCI\b|unsupported|encrypted/.test(row.findings)
      )
        expect([row.sample, row.decision]).toEqual([
          row.sample,
          expect.stringMatching(/^(pgp|smime|tls|portal|hold|reject)\b/),
        ]);
    }
    const decisions = rows.map((row) => row.decision.split('\n')[0]?.split(' ')[0]);
    for (const kind of ['plain', 'tls', 'pgp', 'smime', 'portal', 'hold']) expect(decisions).toContain(kind);

    // Sealed mail needs no TLS that holds: one server has none, the other's certificate is its own.
    const sealed = rows.filter((row) => /^(pgp|smime) /.test(row.decision));
    expect(sealed.map((row) => [row.recipient, row.wire])).toEqual([
      ['dr.poe@oldhost.example', PGP_WIRE],
      ['dr.moe@practice.example', SMIME_WIRE],
      ['dr.poe@oldhost.example', PGP_WIRE],
      ['dr.moe@practice.example', SMIME_WIRE],
    ]);
    expect(opened).toBe(4);
    const ways = rows.filter((row) => row.sample === 'one message, five ways');
    expect(ways.map((row) => row.decision.split(' ')[0]?.split('\n')[0])).toEqual([
      'pgp',
      'smime',
      'tls',
      'tls',
      'plain',
    ]);
    expect(ways[3]?.wire).toContain('sealed in the portal');

    for (const text of ['212-55-0187', '00482913', 'Roe, Jane', 'Jane Roe'])
      expect(result.stdout).not.toContain(text);
  });

  it('shows a table that fits into 120 columns, and says what was opened', async () => {
    const { status, stdout } = await runCommand(['demo']);
    expect(status).toBe(0);
    const table = stdout.split('\n').filter((line) => /^[┌│├└]/.test(line));
    expect(table.length).toBeGreaterThan(50);
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(120);
    // No word was cut to fit its column.
    expect(table.filter((line) => line.includes('…'))).toEqual([]);
    expect(stdout).toMatch(/every byte of the body as sent: 4\.$/m);
    expect(stdout).toMatch(/^Everything is as the policies say\./m);
  });
});
