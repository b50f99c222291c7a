import { basename, relative } from 'node:path';
import { DEFAULT_CONFIG } from './config-option.js';

/** A command as it can be typed where this process was started, with this process's configuration. */
export function howToCall(command: string, config: string): string {
  const script = process.argv[1] ?? 'dist/main.js';
  const program = basename(script) === 'sallyport' ? 'sallyport' : `node ${word(nearPath(script))}`;
  return `${program} ${command}${config === DEFAULT_CONFIG ? '' : ` --config ${word(config)}`}`;
}

function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') ? path : near;
}

/** Quoted for a shell where it must be. */
function word(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
