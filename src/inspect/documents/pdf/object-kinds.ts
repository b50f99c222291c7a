/** FPDF_PAGEOBJ_… of PDFium's interface (fpdf_edit.h). */
export const OBJECT = { text: 1, path: 2, image: 3, shading: 4, form: 5 } as const;
