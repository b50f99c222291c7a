import { join } from 'node:path';
import { openAuditReader } from '../../src/audit/reader.js';
import { type MessageStory, readStory } from '../../src/audit/story.js';
import { storyLines } from '../../src/audit/story-text.js';
import type { RelayHome } from './relay-process.js';

/** What the audit log tells of one message, read beside the running relay as `audit show` does. */
export function storyOf(home: RelayHome, messageId: string): MessageStory {
  const reader = openAuditReader(join(home.dataDir, 'audit'));
  try {
    const story = readStory(reader, messageId);
    if (story === undefined) throw new Error(`the audit log knows nothing of ${messageId}`);
    return story;
  } finally {
    reader.close();
  }
}

/** The part of the story about one recipient, as the words that `audit show` prints. */
export function wordsAbout(home: RelayHome, messageId: string, recipient: string): string {
  const story = storyOf(home, messageId);
  return storyLines({
    ...story,
    recipients: story.recipients.filter((one) => one.recipient === recipient),
    notices: [],
    others: [],
  }).join('\n');
}
