/** The ways in which the text of one place is read. */
export const CHANNELS = ['visible', 'hidden', 'deleted', 'fields', 'all', 'original'] as const;
export type Channel = (typeof CHANNELS)[number];

export type ChannelTexts = Readonly<Record<Channel, string>>;

export interface TextMarks {
  readonly hidden: boolean;
  readonly deleted: boolean;
  readonly inserted: boolean;
}

/**
 * One paragraph in all its readings: what is shown, what is there at all, what was there before the changes that are
 * tracked, and what only somebody sees who looks for it.
 */
export interface ChannelText {
  add(text: string, marks: TextMarks): void;
  field(text: string): void;
  texts(): ChannelTexts;
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
  let last: TextMarks | undefined;
  return {
    add(text, marks) {
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
    },
    field(text) {
      texts.fields += text;
    },
    texts: () => texts,
  };
}
