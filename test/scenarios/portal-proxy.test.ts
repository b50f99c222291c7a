import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTestCa } from '../support/certificates.js';
import { multipartForm } from '../support/multipart-form.js';
import { type Agent, portalAgent, tokenOf } from '../support/portal-agent.js';
import { HOST, type Placed, SENDER, startAttackStage } from '../support/portal-attack-stage.js';
import { type ProxyKind, proxyConfig } from '../support/proxy-config.js';
import { freePort } from '../support/relay-process.js';
import { describeWithTools } from '../support/tools.js';

/*
 * The portal behind the reverse proxies of the guide, with the configuration that the guide prints: a recipient gets in and
 * answers, each visitor is known by their own address, and nothing of links or content stays with the proxy.
 */

const PROXIES: readonly { proxy: ProxyKind; tool: string; args: (file: string) => readonly string[] }[] = [
  { proxy: 'nginx', tool: 'nginx', args: (file) => ['-c', file, '-e', `${file}.log`] },
  { proxy: 'caddy', tool: 'caddy', args: (file) => ['run', '--adapter', 'caddyfile', '--config', file] },
  { proxy: 'apache', tool: 'apache2', args: (file) => ['-D', 'FOREGROUND', '-f', file] },
];

describeWithTools(
  PROXIES.map(({ tool }) => tool),
  'the portal behind a proxy',
  (tools) => {
    for (const { proxy, tool, args } of PROXIES) {
      it(`works behind ${proxy} as the guide has it`, async () => {
        const stage = await startAttackStage();
        const folder = mkdtempSync(join(tmpdir(), 'sallyport-proxy-'));
        let running: ChildProcess | undefined;
        try {
          await stage.restart({ behind_proxy: true });
          const https = await freePort();
          running = await startProxy(tools[tool] ?? '', args, {
            proxy,
            folder,
            https,
            http: await freePort(),
            portal: stage.port,
          });
          const placed = await stage.place('roe@patient.example', 'code');
          const agent = portalAgent(https, HOST);

          const front = await agent.get('/sign-in');
          expect(front.status).toBe(200);
          expect(front.headers['strict-transport-security']).toBe('max-age=31536000');
          expect(front.headers['content-security-policy']).toContain("default-src 'none'");
          expect(front.headers['content-encoding']).toBeUndefined();

          await stage.proveMailbox(agent, placed);
          const message = `/inbox/${placed.item}`;
          expect((await agent.get(message)).text).toContain('canary-subject');
          expect(await answered(agent, placed)).toMatchObject({
            status: 303,
            headers: { location: '/inbox/sent/done' },
          });

          // Whoever claims another address is known by the real one.
          const guesser = portalAgent(https, HOST);
          const spoofed = {
            'x-forwarded-for': agent.network,
            'x-real-ip': agent.network,
            forwarded: `for=${agent.network}`,
          };
          await guesser.get(placed.link, spoofed);
          const networks = new Set((await stage.events()).map(({ data }) => data.clientAddress));
          expect(networks).toContain(agent.network);
          const before = (await stage.events(agent.network)).length;
          await guesser.get(placed.link, spoofed);
          expect((await stage.events(agent.network)).length).toBe(before);

          // With the portal away a proxy has something to log.
          await stage.relay().kill('SIGTERM');
          expect((await agent.get(placed.link)).status).toBeGreaterThanOrEqual(500);
          await ended(running);
          const kept = filesBelow(folder).map((file) => readFileSync(file, 'latin1'));
          const secret = placed.link.slice('/m/'.length);
          for (const text of [...kept, outputs.get(running) ?? '']) {
            expect(text.includes(secret)).toBe(false);
            expect(text.includes('canary-')).toBe(false);
          }
        } finally {
          if (running !== undefined) await ended(running);
          await stage.close();
          rmSync(folder, { recursive: true, force: true });
        }
      });
    }
  },
);

const outputs = new Map<ChildProcess, string>();

async function startProxy(
  program: string,
  args: (file: string) => readonly string[],
  place: { proxy: ProxyKind; folder: string; https: number; http: number; portal: number },
): Promise<ChildProcess> {
  const { folder, https, proxy } = place;
  const { certificatePem, keyPem } = await (await createTestCa()).leaf(HOST);
  writeFileSync(join(folder, 'fullchain.pem'), certificatePem);
  writeFileSync(join(folder, 'privkey.pem'), keyPem);
  const file = join(folder, `${proxy}.conf`);
  writeFileSync(file, proxyConfig(proxy, place));
  const child = spawn(program, args(file), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Caddy keeps its own certificates there.
    env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => outputs.set(child, (outputs.get(child) ?? '') + String(chunk)));
  const until = Date.now() + 120_000;
  for (;;) {
    const status = await portalAgent(https, HOST)
      .get('/sign-in')
      .then((page) => page.status)
      .catch(() => undefined);
    if (status === 200) return child;
    if (child.exitCode !== null || Date.now() > until)
      throw new Error(`${proxy} does not answer (${status}):\n${outputs.get(child)}`);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Answers in the portal with a file that is more than nginx takes unless told so. */
async function answered(agent: Agent, { item }: Placed) {
  const path = `/inbox/${item}/reply`;
  const { contentType, body } = multipartForm([
    { name: 'token', value: tokenOf(await agent.get(path)) },
    { name: 'to', value: SENDER },
    { name: 'text', value: 'canary-reply: thank you' },
    { name: 'files', value: Buffer.alloc(3_000_000, 7), file: 'photo.bin', type: 'application/octet-stream' },
  ]);
  return agent.send('POST', path, {
    body,
    headers: { 'content-type': contentType, 'sec-fetch-site': 'same-origin' },
  });
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
}
