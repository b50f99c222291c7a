import { DEFAULT_STREAM } from '../model/stream.js';
import type { Config } from './schema.js';

/** One stream, with what its configuration leaves to others filled in. */
export interface StreamSettings {
  readonly name: string;
  readonly priority: number;
  /** Attempts at once, all destinations together, and of these kept free for it. */
  readonly connections: number;
  readonly reserved: number;
  readonly connectionsPerDestination: number;
  readonly sourceAddresses: readonly string[];
  readonly route?: string;
}

/**
 * A stream as it now is. One that is in the configuration no more keeps its mail, which then travels as that of
 * `default` does.
 */
export function streamSettings(config: Config, name: string): StreamSettings {
  const known = worked.get(config) ?? new Map<string, StreamSettings>();
  worked.set(config, known);
  const settings = known.get(name) ?? workOut(config, name);
  known.set(name, settings);
  return settings;
}

/** Asked many times for each message. A configuration never changes: a reload makes another one. */
const worked = new WeakMap<Config, Map<string, StreamSettings>>();

function workOut({ delivery }: Config, name: string): StreamSettings {
  const found =
    delivery.streams.find((one) => one.name === name) ??
    delivery.streams.find((one) => one.name === DEFAULT_STREAM);
  return {
    name,
    priority: found?.priority ?? 50,
    connections: found?.connections ?? delivery.max_connections,
    reserved: found?.reserved_connections ?? (delivery.streams.length > 0 ? 5 : 0),
    connectionsPerDestination: found?.connections_per_destination ?? delivery.connections_per_destination,
    sourceAddresses: found?.source_addresses ?? [],
    ...(found?.route === undefined ? {} : { route: found.route }),
  };
}

/** Every stream of the configuration, `default` included. */
export function allStreams(config: Config): readonly StreamSettings[] {
  const names = new Set([DEFAULT_STREAM, ...config.delivery.streams.map((one) => one.name)]);
  return [...names].map((name) => streamSettings(config, name));
}
