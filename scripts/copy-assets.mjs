// Copies what the compiler leaves behind: data and templates that the program reads at run time.
import { cpSync } from 'node:fs';
import { extname } from 'node:path';

const KEPT = new Set(['.txt', '.json', '.eta', '.css', '.sql', '.js', '']);
cpSync('src', 'dist', { recursive: true, filter: (from) => KEPT.has(extname(from)) });
