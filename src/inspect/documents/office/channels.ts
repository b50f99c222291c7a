import { type StyledPiece, type StyledReadings, styledReadings } from './styled-text.js';

/** The ways in which the text of one place is read. */
export const CHANNELS = ['visible', 'hidden', 'deleted', 'fields', 'all', 'original'] as const;
export type Channel = (typeof CHANNELS)[number];

export type ChannelTexts = Readonly<Record<Channel, string>>;

export interface TextMarks {
  readonly hidden: boolean;
  readonly deleted: boolean;
  readonly inserted: boolean;
}

/** How a piece is shown: a signature, and whether it is one of several of which a program shows one. */
export interface Look {
  readonly style: string;
  readonly alternative?: boolean;
}

/**
 * One paragraph in all its readings: what is shown, what is there at all, what was there before the changes that are
 * tracked, and what only somebody sees who looks for it.
 */
export interface ChannelText {
  /** @param look how it is shown, by which pieces of a word or a number are told apart */
  add(text: string, marks: TextMarks, look?: Look): void;
  /** What some programs show in its place, and is in no other reading. */
  instead(text: string, look: string): void;
  field(text: string): void;
  texts(): ChannelTexts;
  /** Without pieces that look otherwise than the word or number around them. */
  styled(): StyledReadings;
}

export function channelText(): ChannelText {
  const texts: Record<Channel, string> = {
    visible: '',
    all: '',
    original: '',
    hidden: '',
    deleted: '',
    fields: '',
  };
  const pieces: StyledPiece[] = [];
  let last: TextMarks | undefined;
  return {
    add(text, marks, look) {
      const { hidden, deleted, inserted } = marks;
      // What stands apart is no one word.
      if (hidden && last?.hidden === false && texts.hidden !== '') texts.hidden += ' ';
      if (deleted && last?.deleted === false && texts.deleted !== '') texts.deleted += ' ';
      last = marks;
      texts.all += text;
      if (!hidden && !deleted) texts.visible += text;
      if (!hidden && !inserted) texts.original += text;
      if (hidden) texts.hidden += text;
      if (deleted) texts.deleted += text;
      else if (look !== undefined) {
        const style = hidden ? `hidden ${look.style}` : look.style;
        pieces.push({ text, style, ...(look.alternative === true && { alternative: true }) });
      }
    },
    instead: (text, style) => void pieces.push({ text, style, alternative: true }),
    styled: () => styledReadings(pieces),
    field(text) {
      texts.fields += text;
    },
    texts: () => texts,
  };
}
