import type { EditedText } from './text-edits.js';
import { numbersTurned, turnedAmongLetters, turnsNumbers } from './turned-numbers.js';

/** Characters that turn the direction of the text behind them (Unicode Standard Annex 9, 2). */
const DIRECTIONS = /[\u202a\u202b\u202d\u202e\u2066-\u2068]/;
const DEEPEST = 60;

interface Open {
  readonly kind: 'override' | 'embedding' | 'plain';
  readonly rightToLeft: boolean;
  readonly isolate: boolean;
  text: string;
}

/**
 * The text as it is drawn, where characters override its direction (`U+202E`), or turn it so that numbers beside each
 * other change places, as letters of scripts written from right to left do as well; undefined where nothing does.
 * These letters themselves stay as they are. Linear in the length.
 */
export function visualOrder(source: string): Pick<EditedText, 'text' | 'toSource'> | undefined {
  if (!DIRECTIONS.test(source) && !turnsNumbers(source)) return undefined;
  const lines: string[] = [];
  const starts: number[] = [];
  const sourceStarts: number[] = [];
  let length = 0;
  let at = 0;
  // Directions end with the paragraph.
  for (const line of source.split(/(?<=\n)/)) {
    const drawn = DIRECTIONS.test(line) ? drawLine(line) : turnedAmongLetters(line);
    starts.push(length);
    sourceStarts.push(at);
    lines.push(drawn);
    length += drawn.length;
    at += line.length;
  }
  return {
    text: lines.join(''),
    // To the line: within one that is drawn in another order there is no order of offsets to keep.
    toSource: (offset) => {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return sourceStarts[low] ?? 0;
    },
  };
}

function drawLine(line: string): string {
  const stack: Open[] = [{ kind: 'plain', rightToLeft: false, isolate: false, text: '' }];
  const top = () => stack[stack.length - 1];
  const close = () => {
    const open = stack.length > 1 ? stack.pop() : undefined;
    const outer = top();
    if (open === undefined || outer === undefined) return;
    outer.text += drawn(open, outer);
  };
  let plainFrom = 0;
  const flush = (to: number) => {
    const open = top();
    if (open !== undefined) open.text += line.slice(plainFrom, to);
    plainFrom = to + 1;
  };
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code < 0x202a || code > 0x2069 || (code > 0x202e && code < 0x2066)) continue;
    flush(at);
    if (code === 0x202c) {
      if (top()?.isolate === false) close();
    } else if (code === 0x2069) {
      if (!stack.some((open) => open.isolate)) continue;
      while (top()?.isolate === false) close();
      close();
    } else if (stack.length < DEEPEST) {
      const override = code === 0x202d || code === 0x202e;
      stack.push({
        kind: override ? 'override' : 'embedding',
        rightToLeft: code === 0x202e || code === 0x202b || code === 0x2067,
        isolate: code >= 0x2066,
        text: '',
      });
    }
  }
  flush(line.length);
  while (stack.length > 1) close();
  const whole = stack[0]?.text ?? '';
  // What is within an override or embedding was put in its order already.
  return whole === line.replace(/[\u202a-\u202e\u2066-\u2069]/g, '') ? turnedAmongLetters(whole) : whole;
}

/** A closed stretch as it stands within the one around it, which is turned as a whole when it is closed itself. */
function drawn(open: Open, outer: Open): string {
  const lineEnd = /[\r\n]*$/.exec(open.text)?.[0] ?? '';
  const text = open.text.slice(0, open.text.length - lineEnd.length);
  let visible = text;
  if (open.rightToLeft) visible = open.kind === 'override' ? reversed(text) : numbersTurned(text);
  // What is inside an override keeps the order that it has by itself.
  const turnedBack = outer.kind === 'override' && outer.rightToLeft ? reversed(visible) : visible;
  return turnedBack + lineEnd;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
