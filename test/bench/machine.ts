import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { findTool } from '../support/find-tool.js';
import { NOT_INSTALLED } from './subject.js';

/** What one must know to compare figures of two runs, a line each. */
export function machineFacts(): readonly string[] {
  const cores = cpus();
  return [
    `${cores.length} cores (${cores[0]?.model ?? 'of an unknown kind'}), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    `Node.js ${process.versions.node} with OpenSSL ${process.versions.openssl}`,
    `gpg: ${firstLine('gpg', '--version')}; openssl: ${firstLine('openssl', 'version')}`,
    `load at the start: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(' ')}`,
  ];
}

function firstLine(program: string, argument: string): string {
  const path = findTool(program);
  if (path === undefined) return NOT_INSTALLED;
  return execFileSync(path, [argument], { encoding: 'utf8' }).split('\n')[0] ?? '';
}
