import type { CustomDetector } from '../inspect/detect/custom/types.js';
import { detectSpans } from '../inspect/detect/index.js';
import { compileSettings } from '../inspect/detect/settings.js';
import { normalise } from '../inspect/normalise.js';
import { CONFIDENCES, type Confidence } from '../model/inspection.js';
import type { DetectorTest } from './read-detectors.js';

/** What came of one text of a detector's definition. */
export interface DetectorTestResult {
  readonly test: DetectorTest;
  readonly passed: boolean;
  /** What was expected and what is. Without the text: who writes a test may have pasted a patient's data. */
  readonly outcome: string;
}

/** Tries every text by itself, read as the text of a message is. */
export function runDetectorTests(
  detectors: readonly CustomDetector[],
  tests: readonly DetectorTest[],
): readonly DetectorTestResult[] {
  if (tests.length === 0) return [];
  const own = compileSettings({ detectors, rosters: [] });
  try {
    return tests.map((test) => {
      const spans = detectSpans(normalise(test.text).text, { detectors: [test.detector], own });
      return judge(
        test,
        spans.map((span) => span.confidence),
      );
    });
  } finally {
    own.dispose();
  }
}

function judge(test: DetectorTest, found: readonly Confidence[]): DetectorTestResult {
  const highest = CONFIDENCES.findLast((one) => found.includes(one));
  const actual = highest === undefined ? 'finds nothing' : `finds something of ${highest} confidence`;
  if (test.expects === 'ignores') {
    const passed = highest === undefined;
    return { test, passed, outcome: passed ? actual : `${actual}, but should ignore this` };
  }
  const wanted = test.confidence;
  const passed = wanted === undefined ? highest !== undefined : highest === wanted;
  const expected = wanted === undefined ? 'should find something' : `should find something of ${wanted}`;
  return { test, passed, outcome: passed ? actual : `${actual}, but ${expected}` };
}
