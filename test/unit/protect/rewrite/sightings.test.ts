import { describe, expect, it } from 'vitest';
import { sightingsIn } from '../../../../src/protect/rewrite/sightings.js';

/** Sees the name in the field of a patient segment, as detectors know it. */
function findName(text: string) {
  return [...text.matchAll(/(?<=^PID\|\|\|\|\|)[A-Z^]+/gm)].map(({ index, 0: name }) => ({
    start: index,
    end: index + name.length,
  }));
}

describe('what is to be redacted', () => {
  it.each([
    ['quoted in a reply', '> PID|||||EXAMPLE^ADA|\n> OBX|1', 'EXAMPLE^ADA'],
    ['written with other marks', 'MSH#@~\\&#A\nPID#####EXAMPLE@ADA#', 'EXAMPLE@ADA'],
  ])('is found in a patient segment %s', (_name, text, name) => {
    const stretches = sightingsIn(text, { find: findName, here: [], anywhere: () => [] });
    expect(stretches.map(({ start, end }) => text.slice(start, end))).toEqual([name]);
  });
});
