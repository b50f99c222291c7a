import { readFileSync } from 'node:fs';
import type { StageMail } from './portal-stage.js';

const FIXTURES = new URL('../fixtures/documents/', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, FIXTURES));

/** A message as a clinic sends them, with attachments of several kinds. */
export function exampleMail(to: string): StageMail {
  return {
    to,
    subject: 'Your results',
    html: `<h2>Your results</h2><p>Dear Jane Roe,</p><p>all values of <b>2 November</b> are in their normal range.</p>
<table border="1" width="900"><tr><th>Test</th><th>Value</th><th>Normal</th></tr><tr><td>Hemoglobin A1c</td><td>5.4 %</td><td>below 5.7 %</td></tr></table>
<p>Kind regards<br>Ward 3</p>`,
    text: 'Dear Jane Roe,\n\nall values of 2 November are in their normal range.\n\nHemoglobin A1c 5.4 % (below 5.7 %)\n\nKind regards\nWard 3\n',
    attachments: [
      { filename: 'report.pdf', content: fixture('pdf/text.pdf'), contentType: 'application/pdf' },
      // Too small to hold words: nothing waits for text recognition.
      { filename: 'picture.gif', content: fixture('images/pixel.gif'), contentType: 'image/gif' },
      { filename: '../../notes.txt', content: Buffer.from('Bring this along.\n'), contentType: 'text/plain' },
    ],
  };
}
