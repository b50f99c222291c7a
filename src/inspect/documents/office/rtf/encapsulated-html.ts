import type { Findings } from '../findings.js';
import { addHtml } from '../mail/html-body.js';

/** HTML that a mail program put into RTF ([MS-OXRTFEX] 2.1.3), which it shows in place of the RTF. */
export interface EncapsulatedHtml {
  /** What stands in a group of tags. @param inRtf it stands where only RTF is shown */
  tag(text: string, inRtf: boolean): void;
  /** Text between tags that isn't for RTF alone. */
  text(text: string): void;
  /** @throws TooLarge */
  end(found: Findings): void;
}

export function encapsulatedHtml(): EncapsulatedHtml {
  const strict: string[] = [];
  /** With tags that some programs leave out. */
  const all: string[] = [];
  return {
    tag(text, inRtf) {
      all.push(text);
      if (!inRtf) strict.push(text);
    },
    text(text) {
      all.push(text);
      strict.push(text);
    },
    end(found) {
      const html = strict.join('');
      if (html.trim() !== '') addHtml(html, found);
      if (all.length > strict.length) addHtml(all.join(''), found);
    },
  };
}
