import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../support/find-tool.js';
import { freePort } from '../../support/relay-process.js';

export interface Postfix {
  readonly pid: number;
  readonly port: number;
  stop(): void;
}

/** Why there can be none here; undefined: there can. */
export function whyNoPostfix(): string | undefined {
  if (findTool('postfix') === undefined) return 'not installed';
  if (process.getuid?.() !== 0) return 'it starts for root only';
  return undefined;
}

/**
 * A Postfix of our own in a temporary folder, which relays everything to a port on loopback: the settings of its queue are
 * its defaults. What the host's own Postfix has is neither read nor touched.
 * @param preload a library for all its processes
 */
export async function startPostfix(sinkPort: number, preload?: string): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-postfix-'));
  const port = await freePort();
  const at = (name: string) => join(folder, name);
  const daemons = execFileSync('postconf', ['-d', '-h', 'daemon_directory'], { encoding: 'utf8' }).trim();
  // Its processes give up root, and must get here.
  chmodSync(folder, 0o755);
  for (const name of ['config', 'queue', 'data']) mkdirSync(at(name), { mode: 0o755 });
  const owner = execFileSync('id', ['-u', 'postfix'], { encoding: 'utf8' }).trim();
  chownSync(at('data'), Number(owner), statSync(folder).gid);
  writeFileSync(join(at('config'), 'main.cf'), mainCf({ folder, sinkPort, daemons, preload }));
  writeFileSync(join(at('config'), 'master.cf'), masterCf(port));
  const run = (command: string) =>
    execFileSync('postfix', ['-c', at('config'), command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...(preload !== undefined && { LD_PRELOAD: preload }) },
    });
  try {
    run('start');
  } catch (error) {
    const log = existsSync(at('log')) ? readFileSync(at('log'), 'utf8') : '';
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`Postfix does not start: ${String(error)}\n${log}`);
  }
  return {
    pid: Number(readFileSync(at('queue/pid/master.pid'), 'utf8')),
    port,
    stop: () => {
      run('stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mainCf(options: {
  readonly folder: string;
  readonly sinkPort: number;
  readonly daemons: string;
  readonly preload: string | undefined;
}): string {
  const { folder, sinkPort, daemons, preload } = options;
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${folder}/queue`,
    `data_directory = ${folder}/data`,
    `daemon_directory = ${daemons}`,
    'myhostname = postfix.clinic.example',
    'mydestination =',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'mynetworks = 127.0.0.0/8',
    `relayhost = [127.0.0.1]:${sinkPort}`,
    'alias_maps =',
    'alias_database =',
    'local_recipient_maps =',
    'biff = no',
    // As much as Sallyport is given.
    'message_size_limit = 67108864',
    'mailbox_size_limit = 0',
    `maillog_file_prefixes = ${folder}`,
    `maillog_file = ${folder}/log`,
    ...(preload === undefined ? [] : [`import_environment = MAIL_CONFIG TZ LANG=C LD_PRELOAD=${preload}`]),
    '',
  ].join('\n');
}

/** The services that relaying needs, as they come with Postfix but outside a chroot, and on a port of our own. */
function masterCf(port: number): string {
  return [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'proxywrite unix - - n - 1 proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}
