import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../src/intake/header-block.js';
import { rewriteHeader } from '../../../src/intake/rewrite-header.js';
import { chosenStream, streamRights } from '../../../src/intake/stream.js';
import { loadedOf } from './harness.js';

const LISTENER = {
  name: 'a',
  address: '127.0.0.1:2587',
  mode: 'submission',
  accounts: true,
  identities: ['ehr', 'app'],
  stream: 'bulk',
};

const { config } = loadedOf({
  listeners: [LISTENER],
  identities: [
    {
      name: 'ehr',
      networks: ['10.1.0.0/16'],
      senders: ['clinic.example'],
      stream: 'clinical',
      streams: ['bulk'],
    },
    { name: 'app', networks: ['10.2.0.0/16'], senders: ['clinic.example'] },
  ],
  rest: { delivery: { streams: [{ name: 'clinical' }, { name: 'bulk' }] } },
});

function rightsOf(kind: 'account' | 'network', name: string) {
  const identity = { kind, name, senders: [], allow: { forwarding: 'off' as const, onBehalfOf: [] } };
  return streamRights(config, config.listeners[0]!, identity);
}

function fieldsOf(...lines: readonly string[]) {
  const parsed = readHeader(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
  if (!parsed.ok) throw new Error(parsed.refusal.text);
  return parsed.fields;
}

describe('the stream of a message', () => {
  it.each([
    ['its identity’s', 'ehr', [], 'clinical', false],
    ['the default where none is said', 'app', [], 'default', false],
    ['one that it may choose', 'ehr', ['X-Sallyport-Stream: bulk'], 'bulk', false],
    ['its own, though it says so', 'ehr', ['X-SALLYPORT-STREAM:  clinical '], 'clinical', false],
    ['not one that it may not choose', 'app', ['X-Sallyport-Stream: clinical'], 'default', true],
    ['not one that is unknown', 'ehr', ['X-Sallyport-Stream: constructor'], 'clinical', true],
    [
      'its own where it names several',
      'ehr',
      ['X-Sallyport-Stream: bulk', 'X-Sallyport-Stream: clinical'],
      'clinical',
      true,
    ],
  ])('is %s', (_, name, lines, stream, passedOver) => {
    expect(chosenStream(fieldsOf(...lines), rightsOf('network', name))).toEqual({ stream, passedOver });
  });

  it('is the listener’s for accounts', () => {
    expect(rightsOf('account', 'ehr')).toEqual({ stream: 'bulk', choices: [] });
  });

  it('is never told to anybody', () => {
    const fields = fieldsOf('x-sallyport-STREAM: bulk', 'Subject: Note', 'X-Sallyport-Stream: other');
    const trace = {
      id: 'i',
      hostname: 'relay.clinic.example',
      clientAddress: '10.1.0.1',
      esmtp: true,
      smtpUtf8: false,
      authenticated: false,
      receivedAt: 0,
    };
    const { bytes } = rewriteHeader(fields, trace, new Set());
    expect(bytes.toString('latin1')).not.toMatch(/stream/i);
    expect(bytes.toString('latin1')).toContain('Subject: Note');
  });
});
