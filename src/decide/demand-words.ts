import type { Demand } from '../model/decision.js';
import type { DemandSource } from './policy-schema.js';
import { rewriteWords } from './rewrite-demand.js';

/** A rule's demand in words, e.g. `require tls (verified)`, `hold`; empty when it demands nothing. */
export function demandWords(source: DemandSource, demand: Demand): readonly string[] {
  const words: string[] = [];
  const { require } = source;
  if (require === 'tls') words.push(`require tls (${demand.tls})`);
  else if (require === 'sealed') words.push('require sealed');
  else if (require !== 'any') words.push(`require ${require.join(' or ')}`);
  if (require !== 'tls' && source.tls !== undefined) words.push(`tls at least ${source.tls}`);
  if (source.portal !== 'code') words.push(`portal asks for ${source.portal}`);
  if (source.key_sources !== undefined) words.push(`keys only from ${source.key_sources.join(' or ')}`);
  if (source.revocation !== undefined) words.push(`revocation ${source.revocation}`);
  if (source.legacy_display === true) words.push('legacy display of the Subject');
  if (demand.rewrite !== undefined) words.push(...rewriteWords(demand.rewrite));
  if (source.disposition !== 'send') words.push(source.disposition);
  if (demand.release !== undefined) words.push(`${demand.release} release`);
  return words;
}
