import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cefLine } from '../../../../src/audit/export/cef.js';
import { type ExportedEvent, exportedEvent } from '../../../../src/audit/export/exported-event.js';
import { lines } from '../../../../src/audit/export/formats.js';
import { framed, syslogMessage } from '../../../../src/audit/export/syslog.js';
import { messageEvents } from '../support.js';

const OPTIONS = { hostname: 'relay.clinic.example', enterprise: 32473 };

function event(more: Partial<ExportedEvent> = {}): ExportedEvent {
  return {
    seq: 7,
    time: '2026-11-21T14:03:11.000Z',
    type: 'recipient.bounced',
    label: 'bounced',
    level: 'notice',
    summary: '5.1.1, answer 550',
    data: {},
    hash: 'ab'.repeat(32),
    ...more,
  };
}

describe('what leaves', () => {
  it('names the sender of the message, and holds no value in any form', () => {
    const beginnings = new Map<string, { sender?: string }>();
    const memory = {
      remember: (id: string, one: { sender?: string }) => void beginnings.set(id, one),
      of: (id: string) => beginnings.get(id) ?? {},
    };
    const out = messageEvents('m1').map((one, i) =>
      exportedEvent({ seq: i + 1, at: 0, hash: '', file: '', ...one }, memory),
    );
    expect(out.find(({ type }) => type === 'recipient.bounced')).toMatchObject({
      sender: 'ward3@clinic.example',
      recipient: 'eve@home.example',
      outcome: 'bounced',
      level: 'notice',
    });
    const text = JSON.stringify(out);
    expect(text).toContain('us-ssn');
    expect(text).not.toMatch(/\*\*\*|masked|fingerprints/);
  });
});

/** Reads CEF as the format's description says, and by nothing that wrote it. */
function readCef(line: string) {
  const header: string[] = [];
  let rest = line;
  for (let i = 0; i < 7; i++) {
    const match = /^((?:[^\\|]|\\[\\|])*)\|/.exec(rest);
    if (match === null) throw new Error(`no header field ${i} in ${rest}`);
    header.push((match[1] ?? '').replace(/\\([\\|])/g, '$1'));
    rest = rest.slice(match[0].length);
  }
  const extension: Record<string, string> = {};
  for (const part of rest.split(/ (?=[A-Za-z0-9]+=)/)) {
    const at = part.indexOf('=');
    const value = part.slice(at + 1);
    if (/(?<!\\)(?:\\\\)*=/.test(value)) throw new Error(`an unescaped = in ${part}`);
    extension[part.slice(0, at)] = value.replace(/\\([\\=])/g, '$1');
  }
  return { header, extension };
}

describe('CEF', () => {
  it('has its parts', () => {
    const { header, extension } = readCef(
      cefLine(event({ recipient: 'bob@lab.example', clientAddress: '192.0.2.7', messageId: 'm1' }), 'relay'),
    );
    expect(header.slice(0, 3)).toEqual(['CEF:0', 'Sallyport', 'Sallyport']);
    expect(header.slice(4)).toEqual(['recipient.bounced', 'bounced', '3']);
    expect(extension).toMatchObject({
      rt: String(Date.parse('2026-11-21T14:03:11Z')),
      duser: 'bob@lab.example',
      src: '192.0.2.7',
      cs1Label: 'messageId',
      cs1: 'm1',
      msg: '5.1.1, answer 550',
    });
    expect(readCef(cefLine(event({ clientAddress: '2001:db8::7' }), 'relay')).extension).toMatchObject({
      c6a2: '2001:db8::7',
    });
  });

  it('escapes whatever stands in a field', () => {
    const odd = fc.string({
      unit: fc.constantFrom('\\', '=', '|', ' ', '\n', '\r', 'a', 'x=', '\u2028', '"', ']'),
    });
    fc.assert(
      fc.property(odd, odd, (summary, label) => {
        const line = cefLine(event({ summary, label }), 'relay');
        expect(line).not.toMatch(/[\r\n\u2028]/);
        const read = readCef(line);
        expect(read.header[5]).toBe(label.replace(/[\r\n\u2028]/g, '\uFFFD'));
        expect(read.extension.rt).toBe(String(Date.parse('2026-11-21T14:03:11Z')));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps = and | of a value', () => {
    const { extension } = readCef(cefLine(event({ reason: 'a=b|c\\d' }), 'relay'));
    expect(extension.reason).toBe('a=b|c\\d');
  });
});

const SYSLOG =
  /^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([^ \]="]{1,32})((?: [^ \]="]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] (.*)$/s;

describe('syslog', () => {
  it('is RFC 5424', () => {
    const [, priority, time, host, app, process, id, name, values, text] =
      SYSLOG.exec(syslogMessage(event({ recipient: 'bob@lab.example' }), OPTIONS)) ?? [];
    expect([priority, time, host, app, process, id, name]).toEqual([
      '109',
      '2026-11-21T14:03:11.000Z',
      'relay.clinic.example',
      'sallyport',
      '-',
      'recipient.bounced',
      'sallyport@32473',
    ]);
    expect(values).toContain(' seq="7" recipient="bob@lab.example"');
    expect(text).toBe('5.1.1, answer 550');
  });

  it('whatever stands in a field, within the size that receivers take', () => {
    const odd = fc.string({
      unit: fc.constantFrom('\\', '"', ']', '[', ' ', '\n', 'é', '\u0000', '𐍈', 'a'),
      maxLength: 12_000,
    });
    fc.assert(
      fc.property(odd, odd, (sender, summary) => {
        const message = syslogMessage(
          event({ sender, summary, type: 'a.type-of-a-name-that-is-far-too-long' }),
          OPTIONS,
        );
        expect(message).toMatch(SYSLOG);
        expect(message).not.toMatch(/[\u0000-\u001f]/);
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(8_192);
        expect(message.isWellFormed()).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('counts octets, not characters', () => {
    expect(framed('añb')).toBe('4 añb');
  });

  it('says that it is UTF-8 where it is more than ASCII', () => {
    expect(syslogMessage(event({ summary: 'é' }), OPTIONS)).toContain('] \uFEFFé');
  });
});

describe("read by Python's readers", () => {
  const hostile = event({ sender: '=cmd|"x"@evil.example', summary: 'a "b", c\r\nFAKE,line\u202e' });

  it('CSV', () => {
    const { head, event: write } = lines('csv', OPTIONS);
    const rows = python(
      'import csv,json,sys; print(json.dumps(list(csv.DictReader(sys.stdin))))',
      head + write(hostile) + write(event()),
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      seq: '7',
      sender: `'=cmd|"x"@evil.example`,
      summary: 'a "b", c\uFFFD\uFFFDFAKE,line\uFFFD',
    });
  });

  it('JSON lines', () => {
    const { event: write } = lines('jsonl', OPTIONS);
    const rows = python(
      'import json,sys; print(json.dumps([json.loads(l) for l in sys.stdin]))',
      write(hostile) + write(event()),
    );
    expect(rows).toEqual([hostile, event()]);
  });
});

function python(program: string, input: string) {
  const run = spawnSync('python3', ['-c', program], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf8' },
  });
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout);
}
