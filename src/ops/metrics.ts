import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Counters and gauges of the relay. Labels are from small fixed sets; never an address, never content. */
export interface Metrics {
  readonly registry: Registry;
  readonly connections: Counter<'listener'>;
  readonly refused: Counter<'listener' | 'stage'>;
  readonly accepted: Counter<'listener'>;
  readonly inspected: Counter<'outcome'>;
  readonly inspectSeconds: Histogram;
  readonly decided: Counter<'method' | 'disposition'>;
  readonly outcomes: Counter<'outcome' | 'method'>;
  /** `signed`, `no-key` (nobody's key fits From), `sent-on` (not written by who sent it), `failed` (the mail waits). */
  readonly dkim: Counter<'result'>;
  readonly throttled: Counter<'by'>;
  readonly suppressed: Counter;
  readonly recipients: Gauge<'state'>;
  /** `which`: `pending` (all), and of these `throttled`. */
  readonly streams: Gauge<'stream' | 'which'>;
  readonly storeFailures: Counter;
  readonly shadow: Gauge;
  /** Epoch seconds. */
  readonly certificateExpires: Gauge<'part'>;
  /** 1 while the files hold a certificate that can't be used and the one before stays in use. */
  readonly certificateRefused: Gauge<'part'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name: `sallyport_${name}`, help, labelNames: [...labelNames], registers });
  return {
    registry,
    connections: counter('connections_total', 'SMTP connections accepted', ['listener']),
    refused: counter('refused_total', 'Commands and messages refused', ['listener', 'stage']),
    accepted: counter('accepted_total', 'Messages answered with 250', ['listener']),
    inspected: counter('inspected_total', 'Inspections by outcome', ['outcome']),
    inspectSeconds: new Histogram({
      name: 'sallyport_inspect_seconds',
      help: 'Duration of inspections',
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60],
      registers,
    }),
    decided: counter('decided_total', 'Decisions per recipient', ['method', 'disposition']),
    outcomes: counter('outcomes_total', 'Delivery outcomes per recipient', ['outcome', 'method']),
    dkim: counter('dkim_total', 'Copies to be signed with DKIM, by what came of it', ['result']),
    throttled: counter('throttled_total', 'Attempts put off because a throttle was full', ['by']),
    suppressed: new Counter({
      name: 'sallyport_suppressed_total',
      help: 'Recipients bounced because their address is on the suppression list',
      registers,
    }),
    streams: new Gauge({
      name: 'sallyport_stream_recipients',
      help: 'Recipients that wait to be sent, by stream: all that are pending, and those that a throttle keeps waiting',
      labelNames: ['stream', 'which'],
      registers,
    }),
    recipients: new Gauge({
      name: 'sallyport_recipients',
      help: 'Recipients by state',
      labelNames: ['state'],
      registers,
    }),
    storeFailures: new Counter({ name: 'sallyport_store_failures_total', help: 'Failed commits', registers }),
    certificateExpires: new Gauge({
      name: 'sallyport_certificate_expires_seconds',
      help: 'When the certificate in use expires, in epoch seconds',
      labelNames: ['part'],
      registers,
    }),
    certificateRefused: new Gauge({
      name: 'sallyport_certificate_refused',
      help: '1 while the certificate files hold what cannot be used and the old certificate stays',
      labelNames: ['part'],
      registers,
    }),
    shadow: new Gauge({ name: 'sallyport_shadow_mode', help: '1 while nothing is enforced', registers }),
  };
}
