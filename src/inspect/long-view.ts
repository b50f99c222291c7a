import type { LongText, TextWindow } from './long-text.js';
import { normalise } from './normalise.js';
import type { LongView, ViewWindow } from './text-view.js';
import { readingsOf } from './view-collector.js';

/**
 * Some rules count within blocks of a text, and patterns are searched for in pieces: windows begin as far behind the
 * beginning of such as they do in the whole text. A multiple of both sizes (`detect/cases.ts`, `detect/patterns.ts`).
 */
const BLOCK = 2560;

/** The readings of a long text. */
export function longView(where: string, view: string, text: LongText): LongView {
  return {
    where,
    whole: () => readingsOf(where, view, text.whole()),
    *windows() {
      let before = 0;
      for (const window of text.windows()) {
        const source = window.text();
        const lead = normalisedSize(source.slice(0, window.coreStart));
        yield viewWindow(where, view, window, (BLOCK + ((before - lead) % BLOCK)) % BLOCK);
        before += normalisedSize(source.slice(window.coreStart, window.coreEnd));
      }
    },
  };
}

/** @param lead empty lines put before the window, where nothing that counts looks */
function viewWindow(where: string, view: string, window: TextWindow, lead: number): ViewWindow {
  const source = () => '\n'.repeat(lead) + window.text();
  return {
    views: readingsOf(where, view, source()),
    coreStart: lead + window.coreStart,
    coreEnd: lead + window.coreEnd,
    again: () => normalise(source()).text,
  };
}

function normalisedSize(text: string): number {
  return normalise(text).text.length;
}
