import { serve } from './child-serve.js';
import type { Recogniser } from './ocr/recognise.js';
import { shippedReader } from './registry.js';

/* Entry of the processes that read documents. */

let recogniser: Promise<Recogniser> | undefined;

serve({
  reader: shippedReader,
  recognise: async (image, deadlineMs) => {
    recogniser ??= import('./ocr/recognise.js').then(({ createRecogniser }) =>
      createRecogniser({ deadlinePerPageMs: deadlineMs }),
    );
    return (await recogniser).recognise(image);
  },
});
