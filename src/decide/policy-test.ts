import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseBytes } from '../config/units.js';
import { readYaml, type YamlProblem, type YamlSource } from '../config/yaml-source.js';
import { isHealthSender } from '../inspect/health-sender.js';
import type { Decision } from '../model/decision.js';
import type { Inspection } from '../model/inspection.js';
import { omittedInspection } from '../model/unread-inspection.js';
import { parseAddress } from '../shared/address.js';
import { errorText } from '../shared/errors.js';
import { didYouMean } from '../shared/suggest.js';
import { decide } from './decide.js';
import { messageFacts, recipientFacts } from './facts.js';
import { folderProblem } from './policy-files.js';
import { policyTestKeysAt } from './policy-keys.js';
import { describeIssues, forbiddenKeys, place } from './policy-problems.js';
import type { PolicySet } from './policy-set.js';
import { composeMessage, STATED_FACTS, statedAvailability, statedInspection } from './policy-test-facts.js';
import {
  type PolicyTest,
  type PolicyTestExpectation,
  type PolicyTestFile,
  policyTestFileSchema,
} from './policy-test-schema.js';

/** A test file whose shape is right. */
export interface ReadPolicyTests {
  readonly file: string;
  readonly source: YamlSource;
  readonly content: PolicyTestFile;
}

export type PolicyTestsRead =
  | { readonly ok: true; readonly tests: ReadPolicyTests }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

/** What came of one test for one recipient. */
export interface PolicyTestResult {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly recipient: string;
  readonly passed: boolean;
  /** Every expectation that was not met. */
  readonly differences: readonly PolicyTestDifference[];
  readonly decision: Decision;
}

interface PolicyTestDifference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

export interface PolicyTestOptions {
  /**
   * Inspects the bytes of a whole message, for tests with `text` or `eml`, with the detectors of the policy set.
   * @param healthSender the file says that its sender gives care
   */
  readonly inspect: (bytes: Uint8Array, healthSender: boolean) => Inspection | Promise<Inspection>;
  /** Nobody looks into mail: whatever a test says that stands in it, only its size is known. */
  readonly contentNotRead?: boolean;
  /** Epoch milliseconds; when tests that don't say otherwise take place. */
  readonly now: number;
}

/**
 * Reads and checks a test file.
 * @param options.detectors names of all detectors, the policies' own too; left out, they aren't checked
 */
export async function readPolicyTests(
  file: string,
  options: { readonly detectors?: readonly string[] } = {},
): Promise<PolicyTestsRead> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    return { ok: false, problems: [folderProblem(file, `cannot be read: ${errorText(cause)}`)] };
  }
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const { source } = yaml;
  const parsed = policyTestFileSchema.safeParse(source.value);
  const problems = [
    ...forbiddenKeys(source),
    ...(parsed.success
      ? checkTests(source, parsed.data, options.detectors)
      : describeIssues(source, parsed.error, policyTestKeysAt)),
  ];
  if (problems.length > 0 || !parsed.success) return { ok: false, problems };
  return { ok: true, tests: { file, source, content: parsed.data } };
}

function checkTests(
  source: YamlSource,
  content: PolicyTestFile,
  detectors: readonly string[] | undefined,
): readonly YamlProblem[] {
  const problems: YamlProblem[] = [];
  const problem = (path: readonly PropertyKey[], message: string) =>
    problems.push({ file: source.file, ...source.locate(path), message: `${place(path)}${message}` });
  content.tests.forEach(({ message, recipients }, i) => {
    const base = ['tests', i, 'message'];
    const real = (['text', 'eml'] as const).filter((key) => message[key] !== undefined);
    if (real.length === 2) problem([...base, 'eml'], 'goes without `text`');
    if (real[0] !== undefined) {
      const stated = [...STATED_FACTS, ...(real[0] === 'eml' ? (['subject', 'headers'] as const) : [])];
      for (const key of stated) {
        if (message[key] !== undefined)
          problem([...base, key], `goes without \`${real[0]}\`, which brings its own`);
      }
    }
    if (message.received !== undefined && Number.isNaN(Date.parse(message.received))) {
      problem([...base, 'received'], 'must be a time such as 2026-11-02T10:00:00Z');
    }
    if (message.size !== undefined && parseBytes(message.size) === undefined) {
      problem([...base, 'size'], 'must be a size with a unit, such as 512KB, 25MB or 1GB');
    }
    message.findings?.forEach((one, j) => {
      if (detectors === undefined || detectors.includes(one.detector)) return;
      const path = [...base, 'findings', j, 'detector'];
      problem(path, `no detector is named \`${one.detector}\`${didYouMean(one.detector, detectors)}`);
    });
    recipients.forEach((one, j) => {
      const parsed = parseAddress(one.to);
      if (!parsed.ok)
        problem(['tests', i, 'recipients', j, 'to'], `must be a mail address; this one ${parsed.reason}`);
      if (Object.keys(one.expect).length === 0) {
        problem(
          ['tests', i, 'recipients', j, 'expect'],
          'expects nothing: give `method`, `disposition` or `rules`',
        );
      }
    });
  });
  return problems;
}

/**
 * Runs all tests of a file against a policy set, one result for each recipient.
 * @throws what reading an `eml` file or `inspect` throws
 */
export async function runPolicyTests(
  policy: PolicySet,
  tests: ReadPolicyTests,
  options: PolicyTestOptions,
): Promise<readonly PolicyTestResult[]> {
  const results: PolicyTestResult[] = [];
  for (const [i, test] of tests.content.tests.entries()) {
    const inspection = await inspectionOf(test, tests, options);
    const { sender, identity, received } = test.message;
    const facts = messageFacts(inspection, {
      sender,
      identity,
      receivedAt: received === undefined ? options.now : Date.parse(received),
    });
    test.recipients.forEach((one, j) => {
      const parsed = parseAddress(one.to);
      const address = parsed.ok ? parsed.mailbox.address : one.to;
      const availability = statedAvailability(one.available ?? tests.content.available);
      const decision = decide(
        policy,
        facts,
        recipientFacts(address, tests.content.internal_domains, availability),
      );
      const differences = compare(one.expect, decision);
      results.push({
        name: test.name,
        file: tests.file,
        line: tests.source.locate(['tests', i, 'recipients', j]).line,
        recipient: address,
        passed: differences.length === 0,
        differences,
        decision,
      });
    });
  }
  return results;
}

async function inspectionOf(
  { message, recipients }: PolicyTest,
  { file, content }: ReadPolicyTests,
  { inspect, contentNotRead = false }: PolicyTestOptions,
): Promise<Inspection> {
  if (message.eml === undefined && message.text === undefined) {
    const stated = statedInspection(message);
    return contentNotRead ? omittedInspection(stated.size) : stated;
  }
  const bytes =
    message.eml === undefined
      ? composeMessage(message, recipients[0]?.to ?? 'nobody@clinic.example')
      : await readFile(join(dirname(file), message.eml));
  if (contentNotRead) return omittedInspection(bytes.length);
  return inspect(bytes, isHealthSender({ inspect: content }, message));
}

function compare(expected: PolicyTestExpectation, decision: Decision): readonly PolicyTestDifference[] {
  const differences: PolicyTestDifference[] = [];
  const check = (what: string, wanted: string | undefined, actual: string) => {
    if (wanted !== undefined && wanted !== actual) differences.push({ what, expected: wanted, actual });
  };
  const set = (values: readonly string[]) => [...values].sort().join(', ') || 'none';
  const optional = (values: readonly string[] | undefined) =>
    values === undefined ? undefined : set(values);
  check('method', expected.method, decision.order[0] ?? 'none');
  check('order', expected.order?.join(', '), decision.order.join(', '));
  check('disposition', expected.disposition, decision.demand.disposition);
  check('tls', expected.tls, decision.demand.tls);
  check('allowed', optional(expected.allowed), set(decision.demand.methods));
  const { rewrite } = decision.demand;
  check('redact', optional(expected.redact), set(rewrite?.redact ?? []));
  check('canonicalise', expected.canonicalise?.toString(), String(rewrite?.canonicalise === true));
  check('release', expected.release, decision.demand.release ?? 'one-person');
  check('rules', optional(expected.rules), set(decision.rules.map((one) => one.rule)));
  check('tags', optional(expected.tags), set(decision.tags));
  return differences;
}
