import { isIP } from 'node:net';
import { z } from 'zod';
import { name } from './fields.js';
import { duration } from './units.js';

/* Parts of `delivery` that order and limit what is sent. */

export const stream = z
  .strictObject({
    name: name.describe(
      'Name of the stream. `default` is the stream of everything that is in no other, and need not be listed.',
    ),
    priority: z
      .int()
      .min(0)
      .max(100)
      .default(50)
      .describe('Of mail that waits, that of the stream with the higher number goes first.'),
    connections: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Attempts at the same time, all destinations together; default: `max_connections`.'),
    reserved_connections: z
      .int()
      .min(0)
      .max(1000)
      .default(5)
      .describe('Of `max_connections`, so many are left free for this stream by the others.'),
    connections_per_destination: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Default: that of `delivery`. Streams do not share these places.'),
    source_addresses: z
      .array(z.string().refine((text) => isIP(text) !== 0, { error: 'must be an IP address' }))
      .max(2)
      .default([])
      .describe(
        'Own addresses to connect from, at most one of IPv4 and one of IPv6. Where there are any, servers are reached by these kinds of addresses only.',
      ),
    route: name
      .optional()
      .describe('Route to take instead of MX or the route of `*`. Routes that name a domain go before it.'),
  })
  .describe('Mail that is kept apart, so that it does not wait behind other mail.');

export const THROTTLED_BY = ['destination', 'route', 'identity', 'stream'] as const;

export const throttle = z
  .strictObject({
    by: z
      .enum(THROTTLED_BY)
      .describe('What is counted by itself: each recipient domain, route, submitting identity or stream.'),
    names: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Domains, routes, identities (or accounts) or streams that this is for, each counted by itself; default: every one.',
      ),
    streams: z
      .array(name)
      .min(1)
      .optional()
      .describe('Only mail of these streams counts and waits; default: all mail.'),
    recipients_per_hour: z
      .int()
      .min(1)
      .max(10_000_000)
      .describe('Attempts for one recipient each, in any 60 minutes. What is beyond waits.'),
  })
  .describe('All that fit hold together.');

export const suppression = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Whether an address that its server says does not exist (5.1.1, 5.1.2, 5.1.6, 5.1.10) is put on the suppression list. Addresses put there by a person count in any case.',
      ),
    lasts: duration().prefault('30d').describe('After this time the address is tried again.'),
  })
  .prefault({});
