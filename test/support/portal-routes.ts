import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { startWorld } from '../unit/portal/harness.js';

export interface PortalRoute {
  readonly method: string;
  /** With its parameters, such as `/inbox/:item/text`. */
  readonly path: string;
}

/** Every route that the portal registers when it starts, as the web server itself tells. */
export async function portalRoutes(): Promise<readonly PortalRoute[]> {
  const routes: PortalRoute[] = [];
  const listen = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push({ method: one, path: url });
    });
  };
  subscribe('fastify.initialization', listen);
  try {
    await (await startWorld()).portal.close();
  } finally {
    unsubscribe('fastify.initialization', listen);
  }
  return routes;
}
