import { type Network, readNetwork, TOO_WIDE, tooWide } from '../shared/network.js';
import type { Config } from './schema.js';

/** Something wrong with a value of the configuration, at its path of keys and indexes. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Finds identities and TLS exceptions that would let much of the Internet, or any holder of a certificate, send mail. */
export function openRelayProblems(config: Config): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const all: Network[] = [];
  config.identities.forEach((identity, i) => {
    const path = ['identities', i];
    const networks = readable(identity.networks, [...path, 'networks'], problems);
    const before = tooWide(all);
    all.push(...networks);
    // Of all identities together: many small ones would open the relay as well as a wide one.
    if (!before && tooWide(all) && !networks.some((one) => tooWide([one]))) {
      problems.push({
        path: [...path, 'networks'],
        message: `with the networks of all identities above it, this list ${TOO_WIDE}`,
      });
    }
    identity.certificates.forEach((rule, j) => {
      for (const key of ['subject', 'san'] as const) {
        const pattern = rule[key];
        if (pattern !== undefined && !namesSomebody(pattern))
          problems.push({
            path: [...path, 'certificates', j, key],
            message: `${pattern} would admit whoever has a certificate of this CA: \`*\` may not be in the last two labels, as in *.clinic.example`,
          });
      }
    });
  });
  config.listeners.forEach((listener, i) => {
    readable(listener.tls.off_for, ['listeners', i, 'tls', 'off_for'], problems);
  });
  return problems;
}

/** The networks; a problem for each that is too wide by itself. */
function readable(
  texts: readonly string[],
  path: readonly (string | number)[],
  problems: ConfigProblem[],
): readonly Network[] {
  return texts.flatMap((text, i) => {
    const network = readNetwork(text);
    if (network === undefined)
      problems.push({
        path: [...path, i],
        message: `${text} is not an IP address or a network such as 10.1.0.0/16`,
      });
    else if (tooWide([network]))
      problems.push({ path: [...path, i], message: `the network ${text} ${TOO_WIDE}` });
    return network === undefined ? [] : [network];
  });
}

/** Whether a certificate pattern is a name, or has `*` only in front of its last two labels. */
export function namesSomebody(pattern: string): boolean {
  if (!pattern.includes('*')) return pattern.trim() !== '';
  const labels = pattern.split(/[.@]/);
  const last = labels.slice(-2);
  return labels.length > 2 && last.every((label) => /^[^*\s]+$/.test(label));
}
