/**
 * Which mail tells the recipient of an item that it waits: the newest, where a person had it sent again. Only where that
 * one can't be delivered will nobody come. Open items of before learn it from the mail that is still known; closed ones are
 * final, which a trigger sees to.
 */
export const SCHEMA_NOTICES = `
ALTER TABLE portal_items ADD COLUMN notice_id TEXT;
-- IDs sort by time
UPDATE portal_items SET notice_id = newest.id
FROM (SELECT about_portal_item AS item_id, max(id) AS id FROM messages WHERE origin = 'pickup-notice' GROUP BY 1) AS newest
WHERE newest.item_id = portal_items.id AND state IN ('waiting', 'picked-up');
`;
