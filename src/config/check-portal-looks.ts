import type { ConfigProblem } from './check-open-relay.js';
import { contrast, LEAST_CONTRAST } from './contrast.js';
import type { Config } from './schema.js';

/** What stands behind links, and on buttons, in the portal's style sheet. */
const PAGE = { colour: '#ffffff', colour_dark: '#14171a' } as const;

/** Finds colours that some people couldn't read, and domains for which two organisations are given. */
export function portalLooksProblems({ portal }: Pick<Config, 'portal'>): readonly ConfigProblem[] {
  const organisations = portal?.organisations ?? [];
  const owners = new Map<string, string>();
  return organisations.flatMap((one, index) => {
    const path = ['portal', 'organisations', index];
    const colours = (['colour', 'colour_dark'] as const).flatMap((key): ConfigProblem[] => {
      const colour = one[key];
      if (colour === undefined) return [];
      const ratio = contrast(colour, PAGE[key]);
      if (ratio >= LEAST_CONTRAST) return [];
      const message = `${colour} has a contrast of ${shown(ratio)}:1 with the page (${PAGE[key]}), and ${LEAST_CONTRAST}:1 is needed; choose a ${key === 'colour' ? 'darker' : 'lighter'} one`;
      return [{ path: [...path, key], message }];
    });
    const domains = one.domains.flatMap((domain, at): ConfigProblem[] => {
      const owner = owners.get(domain);
      owners.set(domain, owner ?? one.name);
      if (owner === undefined) return [];
      return [
        { path: [...path, 'domains', at], message: `${domain} is also a domain of ${owner}; name it once` },
      ];
    });
    return [...colours, ...domains];
  });
}

/** Rounded down: what just fails must not look as if it were enough. */
function shown(ratio: number): string {
  return (Math.floor(ratio * 100) / 100).toFixed(2);
}
