import { describe, expect, it } from 'vitest';
import { watchProcessor } from '../../../../support/processor-time.js';
import { seen } from '../seen.js';

// Put together here, so that no scanner takes this file for a leak.
const made = (prefix: string, length: number, letters = 'Ab1') =>
  prefix + letters.repeat(length).slice(0, length);
const hex = (prefix: string, length: number) => made(prefix, length, '1a2b3c4d5e6f');
const GUID = '01234567-89ab-cdef-0123-456789abcdef';
const LINE = made('', 64);
const BODY = `${LINE}\n${LINE}\n${made('', 30)}==`;

describe('private-key', () => {
  const pem = (label: string, between = '\n') =>
    `-----BEGIN ${label}-----${between}${BODY.replaceAll('\n', between)}${between}-----END ${label}-----`;

  it('needs more than a mention of the header', () => {
    const header = '-----BEGIN RSA PRIVATE KEY-----';
    expect(seen('private-key', `${header}\nMIIEmadeUpmadeUpmadeUp\n`)[0]?.[1]).toBe('high');
    expect(seen('private-key', `It begins with ${header}\nand so on`)[0]?.[1]).toBe('low');
    expect(seen('private-key', '-----BEGIN PUBLIC KEY-----\nMIIEmadeUpmadeUp')).toEqual([]);
  });

  it.each([
    'PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'DSA PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'PGP PRIVATE KEY BLOCK',
  ])('sees all of a %s', (label) => {
    const key = pem(label);
    expect(seen('private-key', `Here:\n${key}\nBye`)).toEqual([[key, 'high']]);
  });

  it('sees a key with escaped line breaks, as in the JSON of a service account', () => {
    const key = pem('PRIVATE KEY', '\\n');
    expect(seen('private-key', `{"private_key": "${key}\\n"}`)).toEqual([[key, 'high']]);
  });

  it('sees a key with headers, and one of SSH2', () => {
    const header = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED';
    expect(seen('private-key', header)[0]?.[1]).toBe('high');
    const ssh2 = `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "me"\n${LINE}`;
    expect(seen('private-key', ssh2)[0]?.[1]).toBe('high');
  });

  it("sees PuTTY's file to its last secret line", () => {
    const file = [
      'PuTTY-User-Key-File-3: ssh-ed25519',
      'Encryption: none',
      'Comment: made up',
      'Public-Lines: 1',
      LINE,
      'Private-Lines: 2',
      LINE,
      made('', 20),
    ].join('\n');
    expect(seen('private-key', `${file}\nPrivate-MAC: 12ab\n`)).toEqual([[file, 'high']]);
    expect(seen('private-key', 'PuTTY-User-Key-File-3: ssh-rsa is its first line')[0]?.[1]).toBe('low');
  });

  it.each([
    ['age', made('AGE-SECRET-KEY-1', 58, 'QPZRY9')],
    ['PKCS #1 without armour', `MIIEpAIBAAKCAQEA${BODY}`],
    ['PKCS #8 without armour', `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${BODY}`],
    ['SEC 1 without armour', `MHcCAQEEI${BODY}`],
    ['Ed25519 without armour', `MC4CAQAwBQYDK2VwBCIEI${made('', 44)}`],
    ['OpenSSH without armour', `b3BlbnNzaC1rZXktdjE${BODY}`],
  ])('sees a key of %s', (_name, key) => {
    expect(seen('private-key', `It is ${key}\nBye`)).toEqual([[key, 'high']]);
  });

  it('sees the secret of a JSON web key, and of no other JSON', () => {
    const secret = `"d":"${made('', 43)}"`;
    expect(seen('private-key', `{"kty":"EC","crv":"P-256",${secret}}`)).toEqual([[secret, 'high']]);
    expect(seen('private-key', `{"a":1,${secret}}`)).toEqual([]);
  });

  it('takes time linear in the text', () => {
    const hostile = 'PuTTY-User-Key-File-3: ssh-rsa\n-----BEGIN RSA PRIVATE KEY-----\n"d":"x"\n'.repeat(
      12_000,
    );
    const work = watchProcessor();
    seen('private-key', hostile);
    work.expectBelow(5_000);
  });
});

describe('cloud-key', () => {
  it.each([
    ['AWS', `AKIA${'MADEUPKEYMADEUPK'}`],
    ['GitHub', made('ghp_', 36)],
    ['GitHub, fine-grained', made('github_pat_', 82)],
    ['GitLab', made('glpat-', 20)],
    ['Slack', made('xoxb-', 30)],
    ['a web hook of Slack', `hooks.slack.com/services/T0123ABCD/B0123ABCD/${made('', 24)}`],
    ['a web hook of Discord', `discord.com/api/webhooks/123456789012345678/${made('', 68)}`],
    ['Stripe', made('sk_live_', 24)],
    ['Google', made('AIza', 35)],
    ["Google's client secrets", made('GOCSPX-', 28)],
    ['Twilio', hex('SK', 32)],
    ['SendGrid', `${made('SG.', 22)}.${made('', 43)}`],
    ['Mailgun', hex('key-', 32)],
    ['npm', made('npm_', 36)],
    ['PyPI', made('pypi-AgEIcHlwaS5vcmc', 60)],
    ['Docker', made('dckr_pat_', 27)],
    ['Azure storage', made('AccountKey=', 86).concat('==')],
    ['Azure service bus', made('SharedAccessKey=', 43).concat('=')],
    ['Microsoft Entra', `Ab18Q~${made('', 34)}`],
    ['OpenAI', made('sk-proj-', 48)],
    ['Anthropic', made('sk-ant-', 60)],
    ['Hugging Face', made('hf_', 34)],
    ['Vault', made('hvs.', 60)],
    ['Databricks', hex('dapi', 32)],
    ['DigitalOcean', hex('dop_v1_', 64)],
    ['Shopify', hex('shpat_', 32)],
    ['Square', made('sq0csp-', 43)],
    ['Atlassian', made('ATATT3xFfGF0', 150)],
    ['Telegram', made('123456789:AA', 33)],
    ['Plaid', `access-production-${GUID}`],
    ['Replicate', made('r8_', 37)],
  ])('sees a key of %s', (_name, key) => {
    expect(seen('cloud-key', `the key is ${key} now`)).toEqual([[key, 'high']]);
  });

  it('sees the signature of a shared access URL', () => {
    const signature = made('sig=', 43).concat('%3D');
    const url = `https://made.up.example/c/b.pdf?sv=2022-11-02&se=2030-01-01&sp=r&${signature}`;
    expect(seen('cloud-key', url)).toEqual([[signature, 'high']]);
  });

  it('sees a web token, but in a link only as a guess', () => {
    const part = (json: string) => Buffer.from(json).toString('base64url');
    const token = `${part('{"alg":"HS256","typ":"JWT"}')}.${part('{"sub":"made up"}')}.${made('', 43)}`;
    expect(seen('cloud-key', `token ${token}`)).toEqual([[token, 'medium']]);
    expect(seen('cloud-key', `https://news.example/u?t=${token}`)).toEqual([[token, 'low']]);
    const other = `${part('{"no":"algorithm"}')}.${part('{"sub":"made up"}')}.${made('', 43)}`;
    expect(seen('cloud-key', `token ${other}`)).toEqual([]);
  });

  it("sees documentation's examples only as a guess", () => {
    expect(seen('cloud-key', `AKIA${'IOSFODNN7'}EXAMPLE`)).toEqual([[`AKIA${'IOSFODNN7'}EXAMPLE`, 'low']]);
  });

  it.each([
    'AKIAIN',
    'ghp_short',
    'xoxo and hugs',
    'asks-for-a-thing-that-is-very-long-but-no-key-at-all',
    'the access-production-line is key-based',
    `commit ${hex('', 40)}`,
    'SG.12 and SK1234',
  ])('does not see %j', (text) => {
    expect(seen('cloud-key', text)).toEqual([]);
  });
});

describe('password-line', () => {
  it.each([
    ['Password: Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['pwd=made1up2', [['made1up2', 'medium']]],
    ['password is sesamestreet', [['sesamestreet', 'low']]],
    ['The password for the portal is Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['I have reset your password to Winter2026!', [['Winter2026!', 'medium']]],
    ['Password (case sensitive): Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['Temporary password:\nTr0ub4dor9', [['Tr0ub4dor9', 'medium']]],
    ['Passwort: Gehe1m!23', [['Gehe1m!23', 'medium']]],
    ['Das Kennwort lautet Gehe1m!23', [['Gehe1m!23', 'medium']]],
    ['Contraseña: S3creta!9', [['S3creta!9', 'medium']]],
    ['Mot de passe : S3cret!9x', [['S3cret!9x', 'medium']]],
    ['Senha: S3nha!99', [['S3nha!99', 'medium']]],
    ['wachtwoord = Geh3im!x', [['Geh3im!x', 'medium']]],
    ['hasło: Taj3mne!', [['Taj3mne!', 'medium']]],
    ['"password": "Tr0ub4dor!"', [['Tr0ub4dor!', 'medium']]],
    ['<password>Tr0ub4dor!</password>', [['Tr0ub4dor!', 'medium']]],
    ['DB_PASSWORD=Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['aws_secret_access_key = abcDEF123/abcDEF123', [['abcDEF123/abcDEF123', 'medium']]],
    ['client_secret: abcDEF123', [['abcDEF123', 'medium']]],
    ['mysql --password Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['Server=db.example;User Id=sa;Password=Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['postgres://app:sesame@db.example:5432/x', [['sesame', 'medium']]],
    ['https://me:Tr0ub4dor!@git.example/x.git', [['Tr0ub4dor!', 'medium']]],
    ['Authorization: Basic bWU6bWFkZXVwcGFzcw==', [['bWU6bWFkZXVwcGFzcw==', 'high']]],
    ['Authorization: Bearer abcDEF123abcDEF123', [['abcDEF123abcDEF123', 'medium']]],
    ['machine h.example login me password sesame1', [['sesame1', 'medium']]],
    ['curl -u me:sesame1 https://h.example', [['sesame1', 'medium']]],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('password-line', text)).toEqual(expected);
  });

  it.each([
    'Password: ********',
    'Password: <your password>',
    `Password: ${'$'}{DB_PASSWORD}`,
    'password is required',
    'the password expired',
    'Reset your password: https://portal.example/reset?t=Ab12',
    'Password:\nUsername: jroe',
    'For your password: help@desk.example',
    'Authorization: Basic understanding',
    'postgres://user:password@db.example/x',
    'see http://h.example:8080/a@b',
    'at 10:30 the token ring',
  ])('does not see one in %j', (text) => {
    expect(seen('password-line', text)).toEqual([]);
  });

  it.each(['Parking pass: A12-3345', 'The secret to B2B2C-growth', 'Change your password to something new'])(
    'takes %j for a guess at most',
    (text) => {
      expect(seen('password-line', text).filter(([, confidence]) => confidence !== 'low')).toEqual([]);
    },
  );
});
