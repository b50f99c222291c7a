import { detect } from '../../../../src/inspect/detect/index.js';

/** Whether a mail is classified as `phi`: a body, with a subject where one is given. */
export function isPhi(body: string, subject?: string): boolean {
  const views = [
    ...(subject === undefined ? [] : [{ where: 'header:subject', text: subject }]),
    { where: '1', text: body },
  ];
  const { classifications } = detect(
    views.map((view) => ({ ...view, view: 'text' as const, toSource: (offset: number) => offset })),
    { fingerprintKey: new Uint8Array(32) },
  );
  return classifications.some(({ classification }) => classification === 'phi');
}
