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
  /** `signed`, `no-key` (nobody's key fits From), `failed` (the mail waits). */
  readonly dkim: Counter<'result'>;
  readonly recipients: Gauge<'state'>;
  readonly storeFailures: Counter;
  readonly shadow: Gauge;
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
    recipients: new Gauge({
      name: 'sallyport_recipients',
      help: 'Recipients by state',
      labelNames: ['state'],
      registers,
    }),
    storeFailures: new Counter({ name: 'sallyport_store_failures_total', help: 'Failed commits', registers }),
    shadow: new Gauge({ name: 'sallyport_shadow_mode', help: '1 while nothing is enforced', registers }),
  };
}
