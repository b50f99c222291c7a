import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Agent, Answer } from './portal-agent.js';
import {
  type AttackStage,
  type Holder,
  type Placed,
  SECRET_SUBJECT,
  SECRET_TEXT,
  startAttackStage,
} from './portal-attack-stage.js';
import { type PortalRoute, portalRoutes } from './portal-routes.js';

export const SESSION = '__Host-pickup';
export const NOT_VALID = 'This link does not open a message';

const STEPS = '/inbox/:item/steps';

/** Who takes part in every attack. */
export interface AttackCast {
  readonly stage: AttackStage;
  readonly routes: readonly PortalRoute[];
  /** Pages of one message. */
  readonly itemPages: readonly string[];
  /** Pages of the steps before one. */
  readonly stepPages: readonly string[];
  /** A message of Vera's, whom everything is about, and her browser. */
  readonly vera: Placed;
  readonly veras: Agent;
  /** The attacker, signed in to a message of his own. */
  readonly mallory: Agent;
  readonly ada: Holder;
  /** Demands a second factor of Ada. */
  readonly adas: Placed;
  /** Refusals that are on record of a network, with their reasons, oldest first. */
  refusals(network: string): Promise<readonly string[]>;
}

export async function startAttackCast(): Promise<AttackCast> {
  const routes = await portalRoutes();
  const stage = await startAttackStage();
  const vera = await stage.place('vera@patient.example', 'code');
  const veras = await stage.signedIn(vera);
  const mallory = await stage.signedIn(await stage.place('mallory@patient.example', 'code'));
  const ada = await stage.holder('ada@patient.example');
  const adas = await stage.place('ada@patient.example', 'factor');
  const ofItems = routes
    .filter(({ method, path }) => method === 'GET' && path.startsWith('/inbox/:item'))
    .map(({ path }) => path);
  return {
    stage,
    routes,
    itemPages: ofItems.filter((path) => !path.startsWith(STEPS)),
    stepPages: ofItems.filter((path) => path.startsWith(STEPS)),
    vera,
    veras,
    mallory,
    ada,
    adas,
    refusals: async (network) =>
      (await stage.events(network))
        .filter(({ type }) => /refused/.test(type))
        .map(({ type, data }) => `${type}: ${data.reason}`),
  };
}

/** A route's path about this message. */
export function pathTo(path: string, { link, item }: Placed): string {
  return path
    .replace('/m/:secret', link)
    .replace(':item', item)
    .replace(':organisation', '0')
    .replace(':index/preview/:page', '0/preview/1')
    .replace(':number', '1')
    .replace(':index', '0')
    .replace(':sheet', '0.css')
    .replace(':reply', 'none');
}

export function expectNothingOf(answer: Answer): void {
  for (const [name, value] of Object.entries(answer.headers))
    expect(`${name}: ${value}`).not.toMatch(/canary|values\.csv|ward3/);
  expect(answer.text).not.toContain(SECRET_TEXT);
  expect(answer.text).not.toContain(SECRET_SUBJECT);
}

/** Whatever was secret is neither in the operational log nor in the audit log, which is whole. */
export async function expectNoSecretLeft({ stage, veras, mallory, ada }: AttackCast): Promise<void> {
  for (const agent of [veras, mallory, ada.agent])
    for (const [name, value] of agent.cookies) if (name.startsWith('__Host-')) stage.secrets.add(value);
  const audit = readdirSync(join(stage.home.dataDir, 'audit'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name)));
  expect(audit.length).toBeGreaterThan(0);
  expect(stage.secrets.size).toBeGreaterThan(20);
  const written = [stage.relay().output(), ...audit.map((bytes) => bytes.toString('latin1'))];
  for (const secret of stage.secrets) {
    // A code is eight digits, and the times in logs have so many by chance: it would stand by itself.
    const pattern = /^\d+$/.test(secret) ? new RegExp(`(?<![0-9A-Za-z])${secret}(?![0-9A-Za-z])`) : undefined;
    const holds = (text: string) => pattern?.test(text) ?? text.includes(secret);
    expect(written.some(holds)).toBe(false);
  }
  expect((await stage.home.run(['audit', 'verify'])).status).toBe(0);
}

export const times = <T>(count: number, value: T): readonly T[] => Array<T>(count).fill(value);

/** As one of the portal's secrets looks. */
export const anySecret = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
