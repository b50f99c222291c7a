import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../support/find-tool.js';

/** A library that makes every sync 10 ms longer, compiled anew; undefined where there is no compiler. */
export function slowSyncLibrary(): { readonly file: string; remove(): void } | undefined {
  const compiler = findTool('gcc') ?? findTool('cc');
  if (process.platform !== 'linux' || compiler === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-slow-'));
  // For processes that are not ours, too.
  chmodSync(folder, 0o755);
  const file = join(folder, 'slow-sync.so');
  const source = join(import.meta.dirname, 'slow-sync.c');
  const { status, stderr } = spawnSync(compiler, ['-shared', '-fPIC', '-O2', '-o', file, source], {
    encoding: 'utf8',
  });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (status !== 0) {
    remove();
    throw new Error(`slow-sync.c can't be compiled: ${stderr}`);
  }
  return { file, remove };
}
