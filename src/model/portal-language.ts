import { readdirSync } from 'node:fs';

/** Languages of the portal as BCP 47 tags: each is a file in `src/portal/locales`, and nothing else names them. */
export const PORTAL_LANGUAGES: readonly string[] = readdirSync(new URL('../portal/locales/', import.meta.url))
  .filter((name) => /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\.json$/.test(name))
  .map((name) => name.slice(0, -'.json'.length))
  .sort();
