import { sendPage } from '../../web/answers.js';
import { pathPart } from '../../web/path-part.js';
import { SVG_CSP, type WebServer } from '../../web/server.js';
import { type Front, NOT_VALID, type Site } from '../site.js';
import type { Looks } from './load-looks.js';

const CACHED = 'public, max-age=3600';

/** Style sheets and logos of organisations. They are nobody's secret and the same for everybody. */
export function looksRoutes(server: WebServer, site: Site, front: Front, looks: readonly Looks[]): void {
  server.get(
    '/brand/:sheet',
    front.onVisit(async (visit) => {
      const number = /^(\d{1,4})\.css$/.exec(pathPart(visit.request, 'sheet'))?.[1];
      const found = number === undefined ? undefined : looks[Number(number)];
      if (found === undefined)
        return sendPage(visit.reply, 404, site.pages.text(front.context(visit), NOT_VALID));
      return visit.reply.header('cache-control', CACHED).type('text/css; charset=utf-8').send(found.css);
    }),
  );

  server.get(
    '/brand/:index/logo',
    { helmet: { contentSecurityPolicy: SVG_CSP } },
    front.onVisit(async (visit) => {
      const number = pathPart(visit.request, 'index');
      const logo = /^\d{1,4}$/.test(number) ? looks[Number(number)]?.logo : undefined;
      if (logo === undefined)
        return sendPage(visit.reply, 404, site.pages.text(front.context(visit), NOT_VALID));
      return visit.reply.header('cache-control', CACHED).type(logo.mediaType).send(logo.bytes);
    }),
  );
}
