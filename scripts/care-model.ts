// Learns what mail about somebody's care reads like from the made-up mail under scripts/care-model/mail, and writes the weights
// that the product uses. See docs/detection.md.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { spelledFeatures } from '../src/inspect/detect/care-features.js';
import { type CareModel, careModel } from '../src/inspect/detect/care-model.js';
import { careText } from '../src/inspect/detect/care-reading.js';
import { careTokens } from '../src/inspect/detect/care-tokens.js';
import { classify } from '../src/inspect/detect/classify.js';
import { type ReadPlace, SUBJECT } from '../src/inspect/detect/read-place.js';
import { scan } from '../src/inspect/detect/scan.js';
import { normalise } from '../src/inspect/normalise.js';
import { chance, type Form, filled, type Writer, writers } from './care-model/mail.js';
import { type Example, type Fitted, regression } from './care-model/regression.js';

const FILE = 'src/inspect/detect/vocabulary/care-model.txt';
const USAGE = `Usage: npm run care-model -- [--measure]

  Without an option: learns from scripts/care-model/mail and writes ${FILE}.

  --measure  for each writer: how much of that mail is found with what was learnt from all others
`;
/** Each form with so many sets of names. */
const FILLS = 4;
/** Smaller weights say nothing. */
const LEAST_WEIGHT = 0.08;
/** Leaves every decision to the rules. */
const UNDECIDED: CareModel = { score: () => 0 };

interface Mail {
  readonly isCare: boolean;
  readonly places: readonly ReadPlace[];
  readonly example: Example;
}

function mailOf({ forms }: Writer): readonly Mail[] {
  const random = chance(1996);
  return forms.flatMap((form) => Array.from({ length: FILLS }, () => readMail(filled(form, random))));
}

function readMail({ isCare, subject, body }: Form): Mail {
  const places = [place(SUBJECT, subject), place('part:1', body)];
  const spelling = { sequence: [], details: [] };
  careTokens(places.map(careText), spelling);
  return {
    isCare,
    places,
    example: { isCare, features: spelledFeatures(spelling.sequence, spelling.details) },
  };
}

function place(where: string, text: string): ReadPlace {
  return { where, ...scan(normalise(text).text) };
}

function lines({ bias, weights }: Fitted): readonly string[] {
  const kept = [...weights].filter(([, weight]) => Math.abs(weight) >= LEAST_WEIGHT);
  const sorted = kept.sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return [['(bias)', bias] as const, ...sorted].map(
    ([feature, weight]) => `${weight.toFixed(2)}\t${feature}`,
  );
}

function shares(mails: readonly Mail[], model: CareModel): string {
  const share = (wanted: boolean) => {
    const of = mails.filter(({ isCare }) => isCare === wanted);
    const flagged = of.filter(({ places }) =>
      classify(places, false, model).classifications.some(({ classification }) => classification === 'phi'),
    );
    return of.length === 0 ? '—' : ((100 * flagged.length) / of.length).toFixed(1);
  };
  return `${share(true).padStart(6)} ${share(false).padStart(6)}`;
}

function measure(all: readonly { readonly name: string; readonly mails: readonly Mail[] }[]): void {
  process.stdout.write('percent flagged of mail about care, and of other mail\n');
  process.stdout.write(`${'writer'.padEnd(24)} rules alone    with the model, learnt without this writer\n`);
  for (const { name, mails } of all) {
    const others = all.filter((one) => one.name !== name).flatMap((one) => one.mails);
    const model = careModel(lines(regression(others.map(({ example }) => example))));
    process.stdout.write(`${name.padEnd(24)} ${shares(mails, UNDECIDED)} ${shares(mails, model)}\n`);
  }
}

const HEAD = `# How much a text reads like mail about the care of somebody whom it names: weights (logarithms of odds) of what stands in it.
# Made by \`npm run care-model\` from scripts/care-model/mail; docs/detection.md says how they are used.
# A word (its stem), two that follow one another, or a mark: <N> a name, <NS> one in a signature, <H...> a health word of low, medium or
# high confidence, <I> an identifier, 0 a digit, ↵ a line's end, ¶ an empty line; #3 at least three; /... which health word or identifier.
`;

const { values } = parseArgs({
  options: { measure: { type: 'boolean', default: false }, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write(USAGE);
} else {
  const all = (await writers()).map((writer) => ({ name: writer.name, mails: mailOf(writer) }));
  if (values.measure) measure(all);
  else
    writeFileSync(
      FILE,
      `${HEAD}${lines(regression(all.flatMap(({ mails }) => mails.map(({ example }) => example)))).join('\n')}\n`,
    );
}
