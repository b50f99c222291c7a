import { type Network, readNetwork, tooWide } from '../shared/network.js';
import type { ConfigProblem } from './check-open-relay.js';
import type { Config } from './schema.js';

const WHO =
  'takes in too much of the Internet; whoever is in it may say which address they come from, and so escape every limit. Name the addresses of your own proxies';

/** Finds sites that would believe X-Forwarded-For from much of the Internet. */
export function trustedProxyProblems(config: Config): readonly ConfigProblem[] {
  return (['portal', 'review'] as const).flatMap((section) =>
    problemsOf(config[section]?.trusted_proxies ?? [], [section, 'trusted_proxies']),
  );
}

function problemsOf(texts: readonly string[], path: readonly (string | number)[]): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const networks: Network[] = [];
  texts.forEach((text, i) => {
    const network = readNetwork(text);
    if (network === undefined)
      problems.push({
        path: [...path, i],
        message: `${text} is not an IP address or a network such as 10.1.0.0/16`,
      });
    else if (tooWide([network])) problems.push({ path: [...path, i], message: `the network ${text} ${WHO}` });
    else networks.push(network);
  });
  // Many small ones take in as much as a wide one.
  if (tooWide(networks)) problems.push({ path, message: `this list ${WHO}` });
  return problems;
}
