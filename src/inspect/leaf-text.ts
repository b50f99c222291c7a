/** One reading of a leaf's content: which, and its text before normalising. */
export interface LeafText {
  readonly view: string;
  readonly text: string;
}
