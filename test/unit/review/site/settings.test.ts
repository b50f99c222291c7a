import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/load.js';
import { reviewSettings } from '../../../../src/review/site/settings.js';

const CERTIFICATE = { certificatePem: 'made up', keyPem: 'made up' };

function loaded(review: string, portal = '') {
  const text = `
hostname: gateway.clinic.example
organisation: { name: Willow Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }
listeners: [{ name: submission, address: 127.0.0.1:2587, mode: submission, accounts: true }]
${portal}
${review}
`;
  return {
    config: parseConfig(text, 'test.yaml'),
    file: '/nowhere/test.yaml',
    dataDir: '/nowhere/data',
    policyDir: '/nowhere/policies',
    hash: '00',
    path: (relative: string) => relative,
  };
}

describe('the review page', () => {
  it('is off unless it is asked for, and then on loopback alone', () => {
    expect(loaded('').config.review).toBeUndefined();
    expect(loaded('review: { url: "http://127.0.0.1:8444" }').config.review).toMatchObject({
      address: { host: '127.0.0.1', port: 8444 },
      session_idle: 900_000,
      session_lifetime: 28_800_000,
    });
  });

  it('may be plain http on this machine, where nothing else is Secure', async () => {
    expect(
      await reviewSettings(loaded('review: { url: "http://127.0.0.1:8444" }'), CERTIFICATE),
    ).toMatchObject({
      origin: 'http://127.0.0.1:8444',
      secure: false,
      hsts: false,
      trustedProxies: [],
    });
  });

  it('believes a proxy on this machine, and those that are named', async () => {
    const settings = await reviewSettings(
      loaded(
        'review: { url: "https://review.clinic.example", behind_proxy: true, trusted_proxies: [10.1.0.0/16] }',
      ),
      undefined,
    );
    expect(settings.tls).toBeUndefined();
    expect(settings).toMatchObject({
      secure: true,
      hsts: true,
      trustedProxies: ['127.0.0.0/8', '::1/128', '10.1.0.0/16'],
    });
  });

  it.each([
    ['plain http under a name', 'review: { url: "http://review.clinic.example" }', '', /plain http/],
    ['https without a certificate', 'review: { url: "https://review.clinic.example" }', '', /no certificate/],
    [
      'an address with a path',
      'review: { url: "https://review.clinic.example/x" }',
      '',
      /scheme, host and port/,
    ],
    [
      'the address of the portal',
      'review: { url: "https://pickup.clinic.example" }',
      'portal: { url: "https://pickup.clinic.example", sender: pickup@clinic.example }',
      /address of the portal/,
    ],
  ])('does not start for %s', async (_, review, portal, problem) => {
    await expect(reviewSettings(loaded(review, portal), undefined)).rejects.toThrow(problem);
  });

  it.each([
    [
      'plain http off loopback',
      'review: { url: "http://127.0.0.1:8444", address: "0.0.0.0:8444" }',
      /plain http/,
    ],
    [
      'a proxy off loopback',
      'review: { url: "https://review.clinic.example", address: "0.0.0.0:8444", behind_proxy: true }',
      /loopback only/,
    ],
    [
      'a certificate without its key',
      'review: { url: "https://review.clinic.example", certificate: a.pem }',
      /go together/,
    ],
  ])('is refused when the configuration is read: %s', (_, review, problem) => {
    expect(() => loaded(review)).toThrow(problem);
  });
});
