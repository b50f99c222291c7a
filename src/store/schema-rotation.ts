/**
 * The end of a rotation of the master key: from then on no content comes in whose key was wrapped with an older one,
 * which is about to be destroyed. Whoever wrapped it a moment ago is refused, and sends it again. `least-wrap` is how a
 * wrapped key begins at least (store/body-seal); numbers are big-endian, so bytes compare as they do.
 */
export const SCHEMA_ROTATION = ['bodies', 'rewritten_bodies', 'portal_bodies', 'portal_replies']
  .map(
    (table) => `
CREATE TRIGGER ${table}_wrapped_anew BEFORE INSERT ON ${table}
WHEN NEW.wrapped_key IS NOT NULL
  AND EXISTS (SELECT 1 FROM meta WHERE key = 'least-wrap' AND substr(NEW.wrapped_key, 1, 5) < value)
BEGIN SELECT RAISE(ABORT, 'the key of the content was wrapped with a master key that is gone'); END;`,
  )
  .join('\n');
