/** Something that was sealed and opens with no key any more, by what it is and its name or ID. */
export interface DamagedSeal {
  readonly kind: 'message' | 'portal-item' | 'portal-reply' | 'secret-key' | 'second-factor' | 'roster';
  readonly id: string;
}
