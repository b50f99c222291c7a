import type { Pdfium } from './pdfium.js';

/** More than any version of FPDF_FORMFILLINFO takes. */
const FORM_INFO_SIZE = 512;

/**
 * Uses the fields of a document, where it has a form: PDFium draws them apart from the page, and what is filled in may
 * have no looks of its own (ISO 32000-1 12.7.3.3).
 * @returns undefined where there is no form
 */
export function withForm<T>(native: Pdfium, document: number, use: (form: number) => T): T | undefined {
  if (native.call('FPDF_GetFormType')(document) <= 0) return undefined;
  // Its version and no callbacks: nothing is asked of us, and this build runs no scripts.
  const info = Buffer.alloc(FORM_INFO_SIZE);
  info.writeInt32LE(1, 0);
  const address = native.copyIn(info);
  try {
    const form = native.call('FPDFDOC_InitFormFillEnvironment')(document, address);
    if (form === 0) throw new Error('the fields of a form could not be used');
    native.call('FPDF_SetFormFieldHighlightAlpha')(form, 0);
    const result = use(form);
    native.call('FPDFDOC_ExitFormFillEnvironment')(form);
    return result;
  } finally {
    native.free(address);
  }
}
