import type { Pdfium } from './pdfium.js';

/** More than any version of FPDF_FORMFILLINFO takes. */
const FORM_INFO_SIZE = 512;

/** The fields of a document as PDFium knows them. */
interface OpenForm {
  readonly handle: number;
  end(): void;
}

/**
 * The form of a document for as long as it is open: all fields of the document are gone through whenever it is begun, so for
 * many pages that must be done once.
 */
export interface KeptForm {
  /** Undefined where there is no form. */
  handle(): number | undefined;
  /** Before the document is closed. */
  end(): void;
}

export function keptForm(native: Pdfium, document: number): KeptForm {
  let form: OpenForm | undefined;
  let isBegun = false;
  return {
    handle() {
      if (!isBegun) form = beginForm(native, document);
      isBegun = true;
      return form?.handle;
    },
    end: () => form?.end(),
  };
}

/**
 * Uses the fields of a document, where it has a form: PDFium draws them apart from the page, and what is filled in may
 * have no looks of its own (ISO 32000-1 12.7.3.3).
 * @returns undefined where there is no form
 */
export function withForm<T>(native: Pdfium, document: number, use: (form: number) => T): T | undefined {
  const form = beginForm(native, document);
  if (form === undefined) return undefined;
  const result = use(form.handle);
  form.end();
  return result;
}

function beginForm(native: Pdfium, document: number): OpenForm | undefined {
  if (native.call('FPDF_GetFormType')(document) <= 0) return undefined;
  // Its version and no callbacks: nothing is asked of us, and this build runs no scripts.
  const info = Buffer.alloc(FORM_INFO_SIZE);
  info.writeInt32LE(1, 0);
  const address = native.copyIn(info);
  const handle = native.call('FPDFDOC_InitFormFillEnvironment')(document, address);
  if (handle === 0) {
    native.free(address);
    throw new Error('the fields of a form could not be used');
  }
  native.call('FPDF_SetFormFieldHighlightAlpha')(handle, 0);
  return {
    handle,
    end() {
      native.call('FPDFDOC_ExitFormFillEnvironment')(handle);
      native.free(address);
    },
  };
}
