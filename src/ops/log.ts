import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config/schema.js';
import { gathering } from './gathering-stream.js';

export type Log = Logger;

/**
 * The operational log: JSON lines on standard error, without content, subjects, matched values or passwords.
 * Addresses go through `logAddress`.
 */
export function createLog(options: Config['logging'], destination?: DestinationStream): Log {
  const settings = { level: options.level, base: null, timestamp: stdTimeFunctions.isoTime };
  if (destination !== undefined) return pino(settings, destination);
  const gathered = gathering(pino.destination({ fd: 2, sync: true }));
  process.on('exit', gathered.flushSync);
  return pino(settings, gathered);
}

/** What the operational log may show of an envelope address (`''` is the null sender). */
export function logAddress(policy: Config['logging']['addresses'], address: string): string {
  if (address === '') return '<>';
  if (policy === 'full') return address;
  const at = address.lastIndexOf('@');
  return policy === 'domains' && at >= 0 ? `*${address.slice(at)}` : '*';
}
