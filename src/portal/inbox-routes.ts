import type { WebServer } from '../web/server.js';
import { itemRoutes } from './item-visit.js';
import { attachmentRoutes } from './reading/attachment-routes.js';
import { listRoutes } from './reading/list-routes.js';
import { messageRoutes } from './reading/message-routes.js';
import { readingOnce } from './reading/reading-once.js';
import { replyRoutes } from './reply/reply-routes.js';
import { sentRoutes } from './reply/sent-routes.js';
import type { Front, Site } from './site.js';

/** The pages behind signing in: the list, each message with its attachments, and replies. */
export function inboxRoutes(server: WebServer, site: Site, front: Front): void {
  const item = itemRoutes(site, front);
  const reading = readingOnce(site, item);
  listRoutes(server, site, front);
  messageRoutes(server, site, front, item, reading);
  attachmentRoutes(server, site, front, item, reading);
  replyRoutes(server, site, front, item);
  sentRoutes(server, site, front);
}
