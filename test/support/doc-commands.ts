import type { DocPage } from './doc-pages.js';

const CALL = /(?:^|[\s;&|(])(?:sallyport|node (?:\S*\/)?dist\/main\.js)\s+([a-z][^|;&#`)]*)/g;

/** What stands behind `sallyport` in blocks of shell commands and units, and in code between words. */
export function commandsIn({ prose, blocks }: DocPage): readonly string[] {
  const shell = blocks
    .filter(({ info }) => ['sh', 'ini', ''].includes(info))
    .flatMap(({ text }) => text.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/(?:^|\s)#.*$/, ''))
    // Users, groups, images and services of this name are no commands.
    .filter((line) => !/^\s*(?:User|Group|Description|useradd|chown|docker run .*sallyport$)/.test(line));
  // In running text `… sallyport …` may also be a message or a name: only what begins so is a command.
  const inline = [...prose.matchAll(/`([^`]+)`/g)]
    .map(([, code = '']) => code.replace(/\s+/g, ' '))
    .filter((code) => /^(?:[A-Z_]+=\S+ |sudo -u \S+ )*(?:sallyport|node dist)/.test(code));
  return [...shell, ...inline]
    .map((line) => line.replace(/(?<=^|\s)(?:-u|exec|--unit) sallyport\b/g, ''))
    .flatMap((line) => [...line.matchAll(CALL)].map(([, command = '']) => command.trim()))
    .filter((command) => command !== '');
}
