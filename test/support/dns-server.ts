import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, type Packet } from 'dns-packet';

/** What the server answers for a name; a name that is absent is NXDOMAIN. */
export interface Zone {
  readonly [name: string]: {
    readonly mx?: readonly { readonly preference: number; readonly exchange: string }[];
    readonly a?: readonly string[];
    readonly txt?: readonly string[];
    readonly ptr?: readonly string[];
    readonly fails?: 'SERVFAIL' | 'silent';
  };
}

export interface DnsServer {
  /** `host:port`, as the configuration takes it. */
  readonly address: string;
  /** Names asked so far, as `TYPE name`. */
  readonly asked: readonly string[];
  /** What it answers now. */
  zone(): Zone;
  /** Replaces the zone. */
  setZone(zone: Zone): void;
  close(): Promise<void>;
}

/** A DNS server over UDP on 127.0.0.1 that answers from a table. */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  let current = zone;
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const query = decode(bytes);
    const question = query.questions?.[0];
    if (question === undefined) return;
    asked.push(`${question.type} ${question.name}`);
    const entry = current[question.name.toLowerCase()];
    if (entry?.fails === 'silent') return;
    const answers: Answer[] = [];
    if (question.type === 'MX') {
      for (const data of entry?.mx ?? []) answers.push({ type: 'MX', name: question.name, ttl: 1, data });
    }
    if (question.type === 'A') {
      for (const data of entry?.a ?? []) answers.push({ type: 'A', name: question.name, ttl: 1, data });
    }
    if (question.type === 'TXT') {
      for (const text of entry?.txt ?? [])
        answers.push({ type: 'TXT', name: question.name, ttl: 1, data: text.match(/.{1,255}/g) ?? [''] });
    }
    if (question.type === 'PTR') {
      for (const data of entry?.ptr ?? []) answers.push({ type: 'PTR', name: question.name, ttl: 1, data });
    }
    const rcode = entry === undefined ? 3 : entry.fails === 'SERVFAIL' ? 2 : 0;
    const reply: Packet = {
      type: 'response',
      id: query.id ?? 0,
      // Recursion desired and available, and the reply code in the low four bits.
      flags: 0x0180 | rcode,
      questions: [question],
      answers,
    };
    socket.send(encode(reply), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    zone: () => current,
    setZone: (next) => {
      current = next;
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
