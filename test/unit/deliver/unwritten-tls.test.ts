import { describe, expect, it } from 'vitest';
import { createUnwrittenTls } from '../../../src/deliver/unwritten-tls.js';
import type { ReachedTlsLevel } from '../../../src/model/method.js';

/** A memory that only the test writes. */
function world(remembered?: ReachedTlsLevel) {
  let level = remembered;
  return {
    tls: createUnwrittenTls({ highest: async () => level }),
    write(to: ReachedTlsLevel) {
      level = to;
    },
  };
}

const saw = (level: ReachedTlsLevel, domain = 'peer.test') => ({
  rememberTls: [{ domain, level, at: 0 }],
});

describe('a level of TLS that is being committed', () => {
  it('counts before it is on disk, for its domain alone', async () => {
    const { tls } = world();
    tls.writing([saw('verified'), {}]);
    expect(await tls.highest('peer.test')).toBe('verified');
    expect(await tls.highest('other.test')).toBeUndefined();
  });

  it('never lowers one that is remembered', async () => {
    const { tls } = world('authenticated');
    tls.writing([saw('encrypted')]);
    expect(await tls.highest('peer.test')).toBe('authenticated');
  });

  it('counts as long as one of those who saw it is not on disk', async () => {
    const { tls } = world();
    const first = tls.writing([saw('verified')]);
    const second = tls.writing([saw('verified')]);
    const third = tls.writing([saw('encrypted')]);
    first();
    first();
    expect(await tls.highest('peer.test')).toBe('verified');
    second();
    expect(await tls.highest('peer.test')).toBe('encrypted');
    third();
    expect(await tls.highest('peer.test')).toBeUndefined();
  });

  it('is found by whoever asks in the moment in which it is written', async () => {
    const { tls, write } = world();
    const written = tls.writing([saw('verified')]);
    const asked = tls.highest('peer.test');
    write('verified');
    written();
    expect(await asked).toBe('verified');
    expect(await tls.highest('peer.test')).toBe('verified');
  });
});
