/** One reading of a leaf's content: which, and its text before normalising. */
export interface LeafText {
  readonly view: string;
  readonly text: string;
  /** What is known of it where it is plain (`isPlainText`). */
  readonly plain?: PlainFacts | undefined;
}

/** Of a text that is nothing but printable ASCII with tabs and line ends. */
export interface PlainFacts {
  /** It may hold something in base64. */
  readonly hasBase64: boolean;
}
