/**
 * The compiled file of a thread's or child's entry. Threads run JavaScript; where the caller runs from TypeScript
 * source (unit tests), the entry is taken from the build beside it.
 * @param moduleUrl `import.meta.url` of the caller
 * @param entry path of the entry relative to the caller, ending in `.js`
 */
export function threadEntry(moduleUrl: string, entry: string): URL {
  const url = new URL(entry, moduleUrl);
  if (moduleUrl.endsWith('.ts')) url.pathname = url.pathname.replace(/\/src\/(?!.*\/src\/)/, '/dist/');
  return url;
}
