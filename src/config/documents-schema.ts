import { z } from 'zod';
import { bytes, waitingTime } from './units.js';

export const documents = z
  .strictObject({
    workers: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('Processes that read documents; default: the number of cores, at most 4.'),
    deadline: waitingTime()
      .prefault('30s')
      .describe('Longest reading of one document without OCR; a longer one is `timed-out`.'),
    max_memory: bytes()
      .prefault('1GB')
      .describe('Resident size beyond which a process is killed; its document is `corrupt`.')
      .refine((size) => size >= 128 * 1024 ** 2, { error: 'must be at least 128MB' }),
    max_depth: z.int().min(1).max(50).default(8).describe('Archives within archives, or files within files.'),
    max_entries: z
      .int()
      .min(1)
      .max(100_000)
      .default(10_000)
      .describe('Entries of all archives within one part together.'),
    max_unpacked: bytes()
      .prefault('256MB')
      .describe(
        'Bytes unpacked from one part, all levels together; likewise from all documents of one message.',
      ),
    max_ratio: z
      .int()
      .min(2)
      .max(10_000)
      .default(200)
      .describe('Unpacked bytes for each packed one, beyond the first megabyte.'),
    max_pages: z
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe('Pages and images of one document whose text is recognised.'),
    max_pixels: z.int().min(10_000).max(1_000_000_000).default(50_000_000).describe('Pixels of one image.'),
    ocr: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Whether text in images is recognised. Otherwise they are `unsupported`.'),
        workers: z
          .int()
          .min(1)
          .max(64)
          .default(1)
          .describe('Processes that recognise text, besides those that read documents.'),
        deadline_per_page: waitingTime()
          .prefault('30s')
          .describe('For one page or image; all of a message may take `max_pages` times as long.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('Documents, archives and images; they are read in processes of their own.');
