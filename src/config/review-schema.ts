import { z } from 'zod';
import { PORTAL_LANGUAGES } from '../model/portal-language.js';
import { certificateFiles, network, socketAddress } from './fields.js';
import { duration, waitingTime } from './units.js';

export const reviewSchema = z
  .strictObject({
    address: socketAddress.prefault('127.0.0.1:8444'),
    url: z
      .url({ protocol: /^https?$/ })
      .describe(
        'Address that operators use, e.g. https://review.clinic.example, or http://127.0.0.1:8444 on this machine alone and through SSH tunnels. Not the address of the portal.',
      ),
    ...certificateFiles,
    behind_proxy: z
      .boolean()
      .default(false)
      .describe('TLS ends at a reverse proxy on this machine; only loopback may be listened on.'),
    trusted_proxies: z.array(network).default([]),
    session_idle: waitingTime().prefault('15m').describe('A session ends after so long without a request.'),
    session_lifetime: duration()
      .prefault('8h')
      .describe('A session ends after so long, whatever happens in it.'),
    language: z
      .enum(PORTAL_LANGUAGES)
      .default('en')
      .describe('Language of the pages where the browser asks for none that is there.'),
  })
  .optional()
  .describe(
    'The review page: operators with a second factor look at held mail and decide about it in a browser. Left out: there is none.',
  );
