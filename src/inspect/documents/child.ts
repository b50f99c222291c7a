import { serve } from './child-serve.js';
import type { Recogniser } from './ocr/recognise.js';
import { shippedReader } from './registry.js';

/* Entry of the processes that read documents. */

let recogniser: Promise<Recogniser> | undefined;

const recogniserFor = (deadlinePerPageMs: number): Promise<Recogniser> => {
  recogniser ??= import('./ocr/recognise.js').then(({ createRecogniser }) =>
    createRecogniser({ deadlinePerPageMs }),
  );
  return recogniser;
};

serve({
  reader: shippedReader,
  recognise: async (image, deadlineMs) => (await recogniserFor(deadlineMs)).recognise(image),
  draw: async (bytes, { wish, limits, deadlineMs }) => {
    const { drawPreview } = await import('./preview/draw-preview.js');
    return drawPreview(bytes, wish, limits, async (image) => (await recogniserFor(deadlineMs)).decode(image));
  },
});
