import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readHeader } from '../../../src/intake/header-block.js';
import { readSettings } from '../../../src/intake/settings.js';
import { judgeTenant, type Tenant, tenantSecret } from '../../../src/intake/tenant.js';
import { dial, HEADER, loadedOf, serverCertificate, startWorld, submit, type World } from './harness.js';

const OURS = '1b2c3d4e-0000-4000-8000-00000000c11c';
const THEIRS = '99999999-0000-4000-8000-000000000bad';
const SECRET = 'made-up-0123456789abcdef0123456789abcdef';

const microsoft: Tenant = {
  provider: 'microsoft-365',
  id: OURS,
  domains: new Set(['clinic.example', 'clinic.onmicrosoft.example']),
};
const marked: Tenant = { ...microsoft, secret: tenantSecret('X-Clinic-Relay', SECRET) };
const google: Tenant = { provider: 'google-workspace', secret: tenantSecret('X-Clinic-Relay', SECRET) };

const judged = (tenant: Tenant, ...lines: readonly string[]) => {
  const parsed = readHeader(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  if (!parsed.ok) throw new Error(parsed.refusal.text);
  const refused = judgeTenant(parsed.fields, tenant);
  if (refused !== undefined) expect([refused.code, refused.status]).toEqual([550, '5.7.1']);
  return refused?.text ?? 'ours';
};
const ID = `X-MS-Exchange-CrossTenant-Id: ${OURS}`;
const ORG = 'X-OriginatorOrg: clinic.example';
const MARK = `X-Clinic-Relay: ${SECRET}`;

describe('a tenant of Microsoft 365', () => {
  const once = 'The message does not name its tenant once';
  const stranger = 'The message is from a tenant that may not send here';
  const table: readonly (readonly [name: string, lines: readonly string[], outcome: string])[] = [
    ['both headers', [ID, ORG], 'ours'],
    ['another accepted domain', [ID, 'X-OriginatorOrg: Clinic.OnMicrosoft.example'], 'ours'],
    [
      'odd cases',
      [`x-ms-EXCHANGE-crosstenant-ID: ${OURS.toUpperCase()}`, 'X-ORIGINATORORG: CLINIC.example'],
      'ours',
    ],
    [
      'a folded field',
      [`X-MS-Exchange-CrossTenant-Id:\r\n\t${OURS}  `, 'X-OriginatorOrg:\r\n clinic.example'],
      'ours',
    ],
    [
      'an ID folded in its middle',
      [`X-MS-Exchange-CrossTenant-Id: ${OURS.slice(0, 9)}\r\n ${OURS.slice(9)}`, ORG],
      stranger,
    ],
    ['nothing', ['Subject: x'], once],
    ['no ID', [ORG], once],
    ['no organisation', [ID], once],
    ['an empty ID', ['X-MS-Exchange-CrossTenant-Id:', ORG], stranger],
    ['another tenant', [`X-MS-Exchange-CrossTenant-Id: ${THEIRS}`, ORG], stranger],
    [
      'another tenant, ours in a comment',
      [`X-MS-Exchange-CrossTenant-Id: ${THEIRS} (${OURS})`, ORG],
      stranger,
    ],
    ['ours and a comment', [`X-MS-Exchange-CrossTenant-Id: ${OURS} (x)`, ORG], stranger],
    ['ours in an encoded word', [`X-MS-Exchange-CrossTenant-Id: =?us-ascii?Q?${OURS}?=`, ORG], stranger],
    ['ours, then theirs', [ID, `X-MS-Exchange-CrossTenant-Id: ${THEIRS}`, ORG], once],
    ['theirs, then ours', [`X-MS-Exchange-CrossTenant-Id: ${THEIRS}`, ID, ORG], once],
    ['ours twice', [ID, ID.toLowerCase(), ORG], once],
    ['the organisation twice', [ID, ORG, ORG], once],
    [
      'another organisation',
      [ID, 'X-OriginatorOrg: lab.example'],
      'The message is from an organisation that may not send here',
    ],
    [
      'a subdomain',
      [ID, 'X-OriginatorOrg: x.clinic.example'],
      'The message is from an organisation that may not send here',
    ],
    [
      'several organisations',
      [ID, 'X-OriginatorOrg: clinic.example, lab.example'],
      'The message is from an organisation that may not send here',
    ],
    [
      'taken from a server of ours',
      [
        ID,
        ORG,
        `X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId=${OURS};Ip=[192.0.2.1];Helo=[a]`,
      ],
      'ours',
    ],
    [
      'taken from a server of theirs',
      [
        ID,
        ORG,
        `X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId=${THEIRS};Ip=[192.0.2.1];Helo=[a]`,
      ],
      'The message names two tenants',
    ],
    [
      'taken from a server of ours, nothing else',
      [ID, ORG, `X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: TenantId=${OURS}`],
      'ours',
    ],
    ...[
      `TenantId=${OURS};TenantId=ff`,
      `TenantId=${OURS};TenantId=${THEIRS};Ip=[192.0.2.1];Helo=[a]`,
      `TenantId=${OURS};Ip=[192.0.2.1];Helo=[a];tenantid = ${THEIRS}`,
      `TenantId=${OURS};\r\n\tTenantId=${OURS}`,
      `TenantId=${OURS} ${THEIRS}`,
      `TenantId=${OURS},${THEIRS}`,
      'Ip=[192.0.2.1]',
      '',
    ].map((value): readonly [string, readonly string[], string] => [
      `taken from "${value.trim().slice(36)}"`,
      [ID, ORG, `X-MS-Exchange-CrossTenant-OriginalAttributedTenantConnectingIp: ${value}`],
      'The message names two tenants',
    ]),
    ['a name alike', [`X-MS-Exchange-CrossTenant-Idx: ${OURS}`, ORG], once],
    ['a header that anybody may write', [`X-EOPTenantAttributedMessage: ${OURS}:0`, ORG], once],
  ];
  it.each(table)('%s', (_, lines, outcome) => {
    expect(judged(microsoft, 'From: a@clinic.example', ...lines)).toBe(outcome);
  });

  it('with a mark needs that, too', () => {
    expect(judged(marked, ID, ORG, MARK)).toBe('ours');
    expect(judged(marked, ID, ORG)).toBe('The message lacks the mark of its tenant');
    expect(judged(marked, `X-MS-Exchange-CrossTenant-Id: ${THEIRS}`, ORG, MARK)).toBe(stranger);
  });
});

describe('a tenant of Google Workspace', () => {
  const wrong = 'The mark of the tenant is wrong';
  const lacks = 'The message lacks the mark of its tenant';
  it.each([
    ['the mark', [MARK], 'ours'],
    ['in odd case and folded', [`x-CLINIC-relay:\r\n ${SECRET}`], 'ours'],
    ['none', [ID, ORG], lacks],
    ['twice', [MARK, MARK], lacks],
    ['a wrong one and the right one', ['X-Clinic-Relay: x', MARK], lacks],
    ['a wrong one', [`X-Clinic-Relay: ${SECRET}x`], wrong],
    ['in the wrong case', [`X-Clinic-Relay: ${SECRET.toUpperCase()}`], wrong],
    ['an empty one', ['X-Clinic-Relay:'], wrong],
    ['folded in its middle', [`X-Clinic-Relay: ${SECRET.slice(0, 9)}\r\n ${SECRET.slice(9)}`], wrong],
  ] as const)('%s', (_, lines, outcome) => {
    expect(judged(google, 'From: a@clinic.example', ...lines)).toBe(outcome);
  });

  it('takes nothing else for the mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 80 }), (text) => {
        fc.pre(text.trim() !== SECRET);
        expect(judged(google, `X-Clinic-Relay: ${text.replace(/[^\x20-\x7e]/g, '')}`)).toBe(wrong);
      }),
      { numRuns: 200 },
    );
  });
});

describe('at a listener', () => {
  let folder = '';
  let world: World;
  const identities = () => [
    {
      name: 'workspace',
      networks: ['127.0.0.0/8'],
      senders: ['clinic.example'],
      tenant: {
        provider: 'google-workspace',
        secret_header: 'X-Clinic-Relay',
        secret_file: join(folder, 'mark'),
      },
    },
  ];
  const loaded = () =>
    loadedOf({
      listeners: [
        { name: 'cloud', address: '127.0.0.1:0', mode: 'relay', identities: ['workspace'] },
        { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
      ],
      identities: identities(),
    });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-tenant-'));
    await writeFile(join(folder, 'mark'), `${SECRET}\n`, { mode: 0o600 });
    world = await startWorld(loaded());
  });
  afterAll(async () => {
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    world.messages.length = 0;
    world.events.length = 0;
    world.now += 3_600_000;
  });

  const send = async (content: string, mail = 'MAIL FROM:<ward3@clinic.example>') => {
    const client = await dial(world.port);
    try {
      await client.reply();
      await client.say('EHLO mail.example');
      await client.say('STARTTLS');
      await client.startTls();
      await client.say('EHLO mail.example');
      return await submit(client, content, { mail });
    } finally {
      client.end();
    }
  };

  it('takes mail of the tenant and stores it without the mark', async () => {
    expect(await send(`X-Before: 1\r\n${MARK}\r\n${HEADER}\r\nhello`)).toMatch(/^250/);
    expect(world.bodyText()).toContain('X-Before: 1\r\nFrom:');
    expect(world.bodyText().toLowerCase()).not.toContain('x-clinic-relay');
    expect(JSON.stringify(world.events) + world.logged.join('')).not.toContain(SECRET);
  });

  it('takes nothing else, says so in the log, and gives the mark away nowhere', async () => {
    const nested = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${MARK}\r\n\r\nhello\r\n--b--`;
    for (const content of [
      `${HEADER}\r\nhello`,
      `${HEADER}\r\n${MARK}\r\n\r\nhello`,
      `${HEADER}${nested}`,
      `${MARK}\r\n${MARK}\r\n${HEADER}\r\nhello`,
      `X-Clinic-Relay: ${SECRET.slice(1)}\r\n${HEADER}\r\nhello`,
    ])
      expect(await send(content)).toMatch(/^550 5\.7\.1/);
    expect(await send(`${HEADER}\r\nhello`, 'MAIL FROM:<>')).toMatch(/^550 5\.7\.1/);
    expect(world.messages).toEqual([]);
    expect(world.openBodies()).toBe(0);
    const refused = world.eventsOf('session.refused');
    expect(refused.map((one) => [one.identity, one.stage, one.status])).toEqual(
      refused.map(() => ['workspace', 'body', '5.7.1']),
    );
    expect(refused.length).toBe(6);
    expect(JSON.stringify(world.events) + world.logged.join('')).not.toContain(SECRET.slice(1));
  });

  it('does not start with a mark that others can read, or that could be guessed', async () => {
    const own = await serverCertificate();
    const file = join(folder, 'mark');
    await chmod(file, 0o640);
    await expect(readSettings(loaded(), own)).rejects.toThrow(
      /^identity workspace, secret_file: .*mark is open to others than its owner: chmod 600/,
    );
    await chmod(file, 0o600);
    for (const [text, problem] of [
      ['short', /must hold 32 to 500 visible characters/],
      [`two words ${SECRET}`, /must hold 32 to 500 visible characters/],
      ['', /must hold 32 to 500/],
    ] as const) {
      await writeFile(file, text);
      await expect(readSettings(loaded(), own)).rejects.toThrow(problem);
    }
    await rm(file);
    await expect(readSettings(loaded(), own)).rejects.toThrow(/secret_file: cannot read .*mark/);
  });
});
