import type { FastifyRequest } from 'fastify';

/** A parameter of the path; empty when there is none. */
export function pathPart({ params }: Pick<FastifyRequest, 'params'>, name: string): string {
  if (typeof params !== 'object' || params === null) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(params, name)?.value;
  return typeof value === 'string' ? value : '';
}
