import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../../src/config/load.js';
import { namedFiles } from '../../../src/config/named-files.js';
import { configSchema } from '../../../src/config/schema.js';

const CONFIG = `hostname: relay.clinic.example
organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }
listeners:
  - { name: in, address: "127.0.0.1:2525", mode: relay, identities: [m365], tls: { certificate: tls/a.pem, key: tls/a.key } }
identities:
  - name: m365
    certificates: [{ ca: ca.pem, san: "mail.protection.outlook.example" }]
    senders: [clinic.example]
    tenant: { provider: google-workspace, secret_header: X-Clinic, secret_file: tenant.secret }
delivery:
  ca: more.pem
  routes:
    - { name: smart, domains: ["*"], host: smart.example, kind: smarthost, ca: route.pem, certificate: c.pem, key: c.key, auth: { user: relay, password_file: smart.password } }
dkim: [{ domain: clinic.example, selector: s1, key: dkim.pem }]
keys:
  trust_anchors: [{ file: anchors.pem }]
  wkd: { ca: wkd.pem }
  ldap:
    - { name: lab, url: "ldaps://ldap.example", domains: [lab.example], base: "dc=lab", ca: ldap.pem, bind_dn: "cn=relay", password_file: ldap.password }
portal:
  url: https://pickup.clinic.example
  sender: pickup@clinic.example
  certificate: p.pem
  key: p.key
  sms: { url: "https://sms.example", token_file: sms.token }
  organisations: [{ domains: [clinic.example], name: Clinic, contact: "555-0100", logo: logo.svg }]
review: { url: "https://review.clinic.example", certificate: r.pem, key: r.key }
`;

describe('files that the configuration names', () => {
  it('are all found, once each', () => {
    const config = parseConfig(CONFIG, 'config.yaml');
    expect(namedFiles({ config, path: (name) => `/etc/${name}` })).toEqual(
      `a.key a.pem anchors.pem c.key c.pem ca.pem dkim.pem ldap.password ldap.pem logo.svg more.pem p.key p.pem r.key r.pem
       route.pem smart.password sms.token tenant.secret wkd.pem`
        .split(/\s+/)
        .map((name) => `/etc/${/^a\.(?:key|pem)$/.test(name) ? `tls/${name}` : name}`)
        .sort(),
    );
  });

  it('are these keys of the schema, and no others: a new one belongs into the list above', () => {
    const text = JSON.stringify(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }));
    const described = text.match(/"description":"(?:PEM file|File \(|File with|PNG or SVG file)/g) ?? [];
    expect(described).toHaveLength(21);
  });
});
