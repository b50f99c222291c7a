import { readFile } from 'node:fs/promises';
import type { LoadedConfig } from '../../config/load.js';
import type { PortalOrganisationConfig } from '../../config/portal-schema.js';
import { errorText, UserError } from '../../shared/errors.js';
import { type Logo, readLogo } from './logo.js';

/** What is served for one organisation. */
export interface Looks {
  readonly css: string;
  readonly logo?: Logo;
}

/**
 * Style sheets and logos of the configured organisations, in their order.
 * @throws UserError (exit status 2) when a logo can't be used
 */
export async function loadLooks(loaded: LoadedConfig): Promise<readonly Looks[]> {
  const organisations = loaded.config.portal?.organisations ?? [];
  return Promise.all(
    organisations.map(async (one, index) => {
      const logo = one.logo === undefined ? undefined : await loadLogo(loaded, one.logo, index);
      return { css: styleOf(one), ...(logo === undefined ? {} : { logo }) };
    }),
  );
}

/** Their contrast was checked with the configuration. */
function styleOf({ colour, colour_dark }: PortalOrganisationConfig): string {
  const light = colour === undefined ? '' : `:root{--action:${colour}}\n`;
  const dark =
    colour_dark === undefined
      ? // Else the light page's colour would stay on the dark page.
        ':root{--action:#8ec5ff}'
      : `:root{--action:${colour_dark}}`;
  return `${light}@media (prefers-color-scheme: dark){${dark}}\n`;
}

async function loadLogo(loaded: LoadedConfig, name: string, index: number): Promise<Logo> {
  const file = loaded.path(name);
  const wrong = (problem: string, cause?: unknown) =>
    new UserError(`${loaded.file}: portal.organisations.${index}.logo: ${problem}`, {
      exitStatus: 2,
      cause,
    });
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw wrong(`cannot read ${file}: ${errorText(cause)}`, cause);
  }
  const logo = readLogo(bytes);
  if (typeof logo === 'string')
    throw wrong(`${file} ${logo}; use a PNG, or an SVG of shapes, text and colours only`);
  return logo;
}
