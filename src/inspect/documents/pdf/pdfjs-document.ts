import { getDocumentProxy } from 'unpdf';

export type PdfjsDocument = Awaited<ReturnType<typeof getDocumentProxy>>;
export type PdfjsPage = Awaited<ReturnType<PdfjsDocument['getPage']>>;

/**
 * Opens a PDF with pdf.js, which repairs what viewers repair. A file that only an owner's password restricts opens.
 * @returns `encrypted` where a password is needed; `damaged` where it can't be opened
 */
export async function openWithPdfjs(bytes: Buffer): Promise<PdfjsDocument | 'encrypted' | 'damaged'> {
  try {
    return await getDocumentProxy(new Uint8Array(bytes), {
      // Warnings would be printed, with words of the document.
      verbosity: 0,
      isEvalSupported: false,
      useSystemFonts: false,
      disableFontFace: true,
      useWasm: false,
      maxImageSize: 1,
    });
  } catch (error) {
    return error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'damaged';
  }
}
