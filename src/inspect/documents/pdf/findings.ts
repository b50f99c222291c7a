import type { LeafText } from '../../leaf-text.js';
import type { ChildContent } from '../types.js';
import type { PageToRecognise } from './recognise-pages.js';

/** What has been found so far; it is kept where a limit ends the reading. */
export interface Findings {
  readonly texts: LeafText[];
  readonly children: ChildContent[];
  readonly toRecognise: PageToRecognise[];
  damaged: boolean;
  tooLarge: boolean;
  /** There are pictures in a layer that can't be shown. */
  hiddenPictures: boolean;
  /** Other programs draw something that isn't drawn here. */
  unreadLooks: boolean;
  unread?: 'too-large' | 'timed-out';
  /** An older revision doesn't open. */
  unreadRevision: boolean;
  needsOcr: boolean;
}
