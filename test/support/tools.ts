import { describe, it } from 'vitest';
import { findTool } from './find-tool.js';

/**
 * A suite that needs programs of other people. Where one is missing it is skipped with the reason, unless
 * SALLYPORT_REQUIRE_TOOLS=1 says that a missing program is a failure.
 */
export function describeWithTools(
  tools: readonly string[],
  name: string,
  suite: (paths: Readonly<Record<string, string>>) => void,
): void {
  const paths: Record<string, string> = {};
  const missing: string[] = [];
  for (const tool of tools) {
    const path = findTool(tool);
    if (path === undefined) missing.push(tool);
    else paths[tool] = path;
  }
  if (missing.length === 0) {
    describe(name, () => suite(paths));
    return;
  }
  const reason = `needs ${missing.join(', ')}`;
  if (process.env.SALLYPORT_REQUIRE_TOOLS === '1') {
    it(`${name} (${reason})`, () => {
      throw new Error(`${reason}, and SALLYPORT_REQUIRE_TOOLS=1`);
    });
    return;
  }
  describe.skip(`${name} (skipped: ${reason})`, () => suite(paths));
}
