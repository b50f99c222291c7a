import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load.js';
import { type AnswersInput, answersSchema } from '../../../src/setup/answers.js';
import { configText } from '../../../src/setup/config-text.js';

const CLINIC: AnswersInput = {
  hostname: 'relay.clinic.test',
  organisation: { name: 'Clinic of Tests: "quoted" #1', domains: ['clinic.test', 'ward.test'] },
  upstream: [{ kind: 'mail-clients' }],
};
const TENANT = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

const textOf = (answers: Partial<AnswersInput>) => configText(answersSchema.parse({ ...CLINIC, ...answers }));
const configOf = (answers: Partial<AnswersInput>) => parseConfig(textOf(answers), 'config.yaml');

describe('the configuration that init writes', () => {
  it.each<[string, AnswersInput['upstream'], readonly string[]]>([
    ['mail clients', [{ kind: 'mail-clients' }], ['submission', 'submissions']],
    ['Exchange', [{ kind: 'exchange', networks: ['10.1.2.10'] }], ['connector']],
    ['Microsoft 365', [{ kind: 'microsoft-365', tenant_id: TENANT }], ['connector']],
    ['Google', [{ kind: 'google-workspace' }], ['connector']],
    ['an EHR', [{ kind: 'ehr', networks: ['10.1.9.0/24'], tls: 'off' }], ['devices']],
    [
      'all of them',
      [
        { kind: 'mail-clients' },
        { kind: 'exchange', networks: ['10.1.2.10'] },
        { kind: 'microsoft-365', tenant_id: TENANT },
        { kind: 'google-workspace' },
        { kind: 'ehr', networks: ['10.1.9.0/24'] },
      ],
      ['submission', 'submissions', 'connector', 'devices'],
    ],
  ])('is one that starts, for mail from %s', (_, upstream, listeners) => {
    const config = configOf({ upstream });
    expect(config.listeners.map((one) => one.name)).toEqual(listeners);
    // Nobody may write but in the organisation's name.
    for (const one of config.identities) expect(one.senders).toEqual(['clinic.test', 'ward.test']);
    expect(config.enforcement).toBe('shadow');
    expect(config.organisation.name).toBe('Clinic of Tests: "quoted" #1');
  });

  it('never admits a cloud without its tenant and a secret', () => {
    const config = configOf({
      upstream: [{ kind: 'microsoft-365', tenant_id: TENANT }, { kind: 'google-workspace' }],
    });
    expect(config.identities.map((one) => one.tenant)).toMatchObject([
      { provider: 'microsoft-365', id: TENANT, secret_file: 'microsoft-365.secret' },
      { provider: 'google-workspace', secret_file: 'google-workspace.secret' },
    ]);
  });

  it('lets only the devices that know no TLS do without', () => {
    const config = configOf({
      upstream: [
        { kind: 'exchange', networks: ['10.1.2.10'] },
        { kind: 'ehr', networks: ['10.1.9.0/24'], tls: 'off', notify: 'it@clinic.test' },
      ],
    });
    expect(config.listeners).toMatchObject([
      { name: 'connector', address: { port: 25 }, tls: { mode: 'required' }, bare_newline: 'reject' },
      {
        name: 'devices',
        address: { port: 2525 },
        tls: { mode: 'off', off_for: ['10.1.9.0/24'] },
        bare_newline: 'normalize',
      },
    ]);
    expect(config.identities[1]?.notify).toBe('it@clinic.test');
  });

  it('says what devices may do that were given no senders, and nothing of those that were', () => {
    const device = { kind: 'ehr' as const, networks: ['10.1.9.0/24'] };
    const warning = /may write as anybody at clinic\.test.*senders/s;
    expect(textOf({ upstream: [device] })).toMatch(warning);
    const named = { upstream: [{ ...device, senders: ['results@clinic.test'] }] };
    expect(textOf(named)).not.toMatch(warning);
    expect(configOf(named).identities[0]?.senders).toEqual(['results@clinic.test']);
  });

  it('does not take a smarthost for TLS unless somebody guarantees it', () => {
    const smarthost = { kind: 'smarthost', host: 'smtp.provider.test' } as const;
    const [plain] = configOf({ downstream: smarthost }).delivery.routes;
    expect([plain?.host, plain?.onward_tls]).toEqual(['smtp.provider.test', undefined]);
    const [owned] = configOf({ downstream: { ...smarthost, onward_tls_owner: 'Contract 7' } }).delivery
      .routes;
    expect([owned?.onward_tls, owned?.onward_tls_owner]).toEqual(['guaranteed', 'Contract 7']);
  });

  it('puts the portal behind a proxy on loopback only', () => {
    const url = 'https://pickup.clinic.test';
    expect(configOf({ portal: { url, behind_proxy: true } }).portal).toMatchObject({
      address: { host: '127.0.0.1' },
      behind_proxy: true,
    });
    expect(configOf({ portal: { url } }).portal).toMatchObject({ address: { host: '0.0.0.0', port: 443 } });
    expect(configOf({ portal: 'none' }).portal).toBeUndefined();
  });

  it('is YAML without surprises: every value is what was answered', () => {
    const text = configText(
      answersSchema.parse({ ...CLINIC, organisation: { ...CLINIC.organisation, name: 'no' } }),
    );
    expect(parse(text).organisation.name).toBe('no');
  });
});
