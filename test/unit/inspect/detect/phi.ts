import { detect } from '../../../../src/inspect/detect/index.js';

/** The confidence with which a mail is classified as `phi`: a body, with a subject where one is given. */
export function phi(body: string, subject?: string): string | undefined {
  const views = [
    ...(subject === undefined ? [] : [{ where: 'header:subject', text: subject }]),
    { where: '1', text: body },
  ];
  const { classifications } = detect(
    views.map((view) => ({ ...view, view: 'text' as const, toSource: (offset: number) => offset })),
    { fingerprintKey: new Uint8Array(32) },
  );
  return classifications.find(({ classification }) => classification === 'phi')?.confidence;
}

export function isPhi(body: string, subject?: string): boolean {
  return phi(body, subject) !== undefined;
}
