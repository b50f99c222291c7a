/** A report as it is shown, the same in every form: text, HTML, CSV. Cells may hold text from outside. */
export interface ReportDocument {
  readonly title: string;
  /** The organisation, the period, what was read. */
  readonly about: readonly string[];
  /** What a reader must know before the figures. */
  readonly notes: readonly string[];
  readonly sections: readonly ReportSection[];
}

export interface ReportSection {
  readonly title: string;
  readonly text?: string;
  readonly tables: readonly ReportTable[];
}

export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Said instead of a table without rows. */
  readonly empty: string;
  /** Said below it, e.g. what is not listed. */
  readonly note?: string;
}

export interface ReportColumn {
  readonly name: string;
  readonly number?: true;
}
