import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type RelayHealth, relayView } from '../../../src/doctor/relay-view.js';
import { runningFindings } from '../../../src/doctor/running.js';

const HEALTH: RelayHealth = {
  state: 'running',
  enforcement: 'enforce',
  policyHash: 'policy',
  configHash: 'config',
};
const FILES = { hash: 'config', config: { enforcement: 'enforce' } } as const;

describe('what the relay that runs has in force', () => {
  it('is well where it is what the files say', () => {
    expect(runningFindings(HEALTH, FILES, 'policy').map((one) => one.level)).toEqual(['ok']);
  });

  it.each<[string, Partial<RelayHealth>, RegExp]>([
    ['it enforces nothing', { enforcement: 'shadow', configHash: 'before' }, /SHADOW MODE/],
    ['its configuration is another', { configHash: 'before' }, /another configuration than the file/],
    ['its policies are others', { policyHash: 'before' }, /other policies than the files/],
    ['its store failed', { state: 'store-failed' }, /takes no mail/],
    ['its disk hangs', { state: 'store-hangs' }, /takes no mail/],
  ])('is a problem where %s', (_, differs, expected) => {
    const [only, ...more] = runningFindings({ ...HEALTH, ...differs }, FILES, 'policy');
    expect(more).toEqual([]);
    expect(only).toMatchObject({ level: 'problem', what: expect.stringMatching(expected) });
    expect(only?.fix).toMatch(/systemctl reload sallyport .*--type config\.rejected|journalctl/);
  });

  it('is a problem where the file says shadow mode and the relay enforces', () => {
    const shadow = { hash: 'next', config: { enforcement: 'shadow' } } as const;
    expect(runningFindings(HEALTH, shadow, 'policy').map((one) => one.level)).toEqual(['problem']);
  });
});

describe('asking the relay', () => {
  it.each<[string, string, object]>([
    ['believes a relay', JSON.stringify({ ok: true, ...HEALTH }), { kind: 'running', health: HEALTH }],
    ['does not believe another program', '{"ok":true}', { kind: 'strange' }],
    ['does not believe text', 'fine', { kind: 'strange' }],
  ])('%s', async (_, body, expected) => {
    const server = createServer((_request, response) => response.writeHead(503).end(body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    expect(await relayView({ host: '127.0.0.1', port }, 2_000)).toMatchObject(expected);
    await new Promise((done) => server.close(done));
    expect(await relayView({ host: '127.0.0.1', port }, 2_000)).toEqual({ kind: 'none' });
  });

  it('knows nothing of a port that is chosen at the start', async () => {
    expect(await relayView({ host: '127.0.0.1', port: 0 }, 2_000)).toEqual({ kind: 'not-known' });
  });
});
