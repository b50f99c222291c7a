import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../../src/keys/fetch/target.js';
import { SourceFailed } from '../../../../src/keys/types.js';

const STRICT = { allowHttp: false, anyPort: false };
const HTTP = { allowHttp: true, anyPort: false };

describe('where a request may go', () => {
  const accepted: readonly (readonly [string, string, number, string])[] = [
    ['https://openpgpkey.clinic.example/a?l=b', 'openpgpkey.clinic.example', 443, '/a?l=b'],
    ['https://CLINIC.example', 'clinic.example', 443, '/'],
    ['https://clinic.example:443/x#fragment', 'clinic.example', 443, '/x'],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva.example', 443, '/'],
    ['https://192.0.2.1/', '192.0.2.1', 443, '/'],
    ['https://[2001:db8::1]/', '2001:db8::1', 443, '/'],
  ];
  it.each(accepted)('%s', (url, host, port, path) => {
    expect(parseTarget(url, STRICT)).toMatchObject({ host, port, path, secure: true });
  });

  // Spellings of one address must come out as that address, so that the guard sees what is connected to.
  const spellings: readonly (readonly [string, string])[] = [
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0177.0.0.01/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://[0:0:0:0:0:0:0:1]/', '::1'],
  ];
  it.each(spellings)('%s is read as %s', (url, host) => {
    expect(parseTarget(url, HTTP)).toMatchObject({ host, isAddress: true });
  });

  const refused: readonly (readonly [string, typeof STRICT, string])[] = [
    ['http://clinic.example/', STRICT, 'the URL is not https'],
    ['ftp://clinic.example/', HTTP, 'the URL is neither https nor http'],
    ['file:///etc/passwd', HTTP, 'the URL is neither https nor http'],
    ['ldap://clinic.example/cn=a', HTTP, 'the URL is neither https nor http'],
    ['data:text/plain,x', HTTP, 'the URL is neither https nor http'],
    ['https://user:secret@clinic.example/', HTTP, 'the URL holds credentials'],
    ['https://user@clinic.example/', HTTP, 'the URL holds credentials'],
    ['https://clinic.example:8443/', HTTP, 'the URL names a port other than 443 for https or 80 for http'],
    ['https://clinic.example:80/', HTTP, 'the URL names a port other than 443 for https or 80 for http'],
    ['http://clinic.example:6379/', HTTP, 'the URL names a port other than 443 for https or 80 for http'],
    ['https://localhost/', HTTP, 'the URL names no valid host of two or more labels'],
    ['https://intranet/', HTTP, 'the URL names no valid host of two or more labels'],
    ['https://clinic.example./', HTTP, 'the URL names no valid host of two or more labels'],
    ['https://a_b.example/', HTTP, 'the URL names no valid host of two or more labels'],
    ['https://[fe80::1%25eth0]/', HTTP, 'the URL is not valid'],
    ['https://clinic.example/a b', HTTP, 'the URL is not valid'],
    ['https://clinic.example/\r\nX: y', HTTP, 'the URL is not valid'],
    ['ht\ttps://clinic.example/', HTTP, 'the URL is not valid'],
    ['', HTTP, 'the URL is not valid'],
    ['//clinic.example/', HTTP, 'the URL is not valid'],
    [`https://clinic.example/${'a'.repeat(3000)}`, HTTP, 'the URL is longer than 2048 characters'],
  ];
  it.each(refused)('%s is refused', (url, rules, reason) => {
    expect(() => parseTarget(url, rules)).toThrow(new SourceFailed(reason));
  });

  it('reads a relative redirect from where it was said', () => {
    const base = parseTarget('https://clinic.example/one/two', STRICT);
    expect(parseTarget('../three?x', STRICT, base)).toMatchObject({
      host: 'clinic.example',
      path: '/three?x',
    });
    expect(parseTarget('//other.example/', STRICT, base)).toMatchObject({
      host: 'other.example',
      secure: true,
    });
  });

  it('does not go down from https to http by a redirect', () => {
    const base = parseTarget('https://clinic.example/', HTTP);
    expect(() => parseTarget('http://clinic.example/', HTTP, base)).toThrow(
      'the server redirects from https to http',
    );
  });
});
