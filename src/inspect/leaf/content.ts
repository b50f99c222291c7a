/** A leaf as it is read. */
export interface LeafContent {
  readonly mediaType: string;
  readonly charsets: readonly (string | undefined)[];
  /** Decoded. */
  readonly bytes: Buffer;
  /** `format=flowed` (RFC 3676), and whether blanks at soft line breaks are content (`delsp=no`). */
  readonly flowed?: 'with-blanks' | 'without-blanks' | undefined;
  /** A file of its own, which programs open by its name or by what is in it. */
  readonly isFile?: boolean;
}

export interface EmbeddedContent {
  /** As declared. */
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** It is text, which was read as such, and a mail message besides. */
  readonly isMessage?: true;
}
