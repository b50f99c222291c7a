import { createTransport } from 'nodemailer';
import { type RelayHome, type RunningRelay, relayHome } from './relay-process.js';
import { type Sink, startSink } from './sink.js';

/** A relay with a stream for lab results and one for campaigns, and the server that both go to. */
export interface CampaignStage {
  readonly home: RelayHome;
  readonly relay: RunningRelay;
  readonly sink: Sink;
  /** Bulk messages that the sink has taken. */
  bulkTaken(): number;
  /** Submits so many bulk messages; resolves when all are accepted. */
  submitBulk(count: number): Promise<void>;
  /** Submits a lab result, which names its stream; resolves when it is accepted. */
  submitResult(name: string): Promise<void>;
  /** Resolves when the lab result has arrived. */
  arrival(name: string): Promise<void>;
  close(): Promise<void>;
}

export const BULK_SENDER = 'news@clinic.example';
const RESULT_SENDER = 'lab@clinic.example';

/**
 * @param options.onBulk runs before the sink answers a bulk message
 * @param options.delivery further keys of `delivery`
 */
export async function campaignStage(options: {
  readonly onBulk?: () => Promise<void>;
  readonly delivery?: Readonly<Record<string, unknown>>;
}): Promise<CampaignStage> {
  let bulkTaken = 0;
  const sink = await startSink({
    beforeAnswer: async ({ sender }) => {
      if (sender !== BULK_SENDER) return;
      await options.onBulk?.();
      bulkTaken += 1;
    },
  });
  const home = await relayHome({
    listeners: [
      {
        name: 'submission',
        address: '127.0.0.1:0',
        mode: 'submission',
        accounts: true,
      },
      {
        name: 'applications',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['hospital'],
        messages_per_hour: 1_000_000,
        tls: { mode: 'off', off_for: ['127.0.0.1/32'] },
      },
    ],
    identities: [
      {
        name: 'hospital',
        networks: ['127.0.0.1/32'],
        senders: [BULK_SENDER, RESULT_SENDER],
        stream: 'bulk',
        streams: ['clinical'],
      },
    ],
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
      streams: [
        { name: 'clinical', priority: 90 },
        { name: 'bulk', priority: 10 },
      ],
      ...options.delivery,
    },
  });
  const relay = await home.start();
  const client = (pool: boolean) =>
    createTransport({
      host: '127.0.0.1',
      port: relay.port('applications'),
      secure: false,
      ignoreTLS: true,
      ...(pool ? { pool: true, maxConnections: 8, maxMessages: Number.POSITIVE_INFINITY } : {}),
    });
  const bulk = client(true);
  const results = client(false);
  return {
    home,
    relay,
    sink,
    bulkTaken: () => bulkTaken,
    async submitBulk(count) {
      const numbers = Array.from({ length: count }, (_, i) => i);
      await Promise.all(
        numbers.map((i) =>
          bulk.sendMail({
            from: BULK_SENDER,
            to: `reader${i}@shop.example`,
            subject: 'Opening hours',
            text: 'We are open until six on Fridays.',
          }),
        ),
      );
    },
    async submitResult(name) {
      await results.sendMail({
        from: RESULT_SENDER,
        to: `${name}@lab.example`,
        subject: 'Note',
        text: 'The form has arrived.',
        headers: { 'X-Sallyport-Stream': 'clinical' },
      });
    },
    async arrival(name) {
      await sink.next((one) => one.recipients.includes(`${name}@lab.example`));
    },
    async close() {
      bulk.close();
      results.close();
      await home.remove();
      await sink.close();
    },
  };
}
