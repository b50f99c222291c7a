import * as x509 from '@peculiar/asn1-x509';
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  distinguishedName,
  extendedKeyUsage,
  extension,
  inhibitAnyPolicy,
  keyUsage,
  makeAuthority,
  nameConstraints,
  policyConstraints,
  policyMappings,
  smtpUtf8Mailbox,
  subjectAltName,
  type TestAuthority,
  type TestAuthorityRequest,
  type TestCertificate,
  testKeyPair,
} from '../../../support/x509-authority.js';
import type { Judging } from './judging.js';

/*
 * Paths in the manner of NIST's PKITS, whose sections the groups are named after: each good one has bad ones beside it that
 * differ in one thing. Leaves are RSA so that OpenSSL's check for S/MIME encryption can be asked about the same rows.
 */

export interface PathRow {
  readonly name: string;
  readonly leaf: TestCertificate;
  readonly chain: readonly TestCertificate[];
  readonly anchors: readonly TestCertificate[];
  readonly judging?: Judging;
  /** Undefined: usable. */
  readonly reason?: string;
  /** Why OpenSSL is not asked about this row: it is laxer or cares for something else. */
  readonly notOpenssl?: string;
}

const root = makeAuthority();
const RSA = { keyType: 'rsa-2048' } as const;

/** Root → CAs in the order given → leaf. */
function below(cas: readonly TestAuthorityRequest[], leaf: Parameters<TestAuthority['issue']>[0] = {}) {
  const chain: TestAuthority[] = [];
  let parent = root;
  for (const [index, request] of cas.entries()) {
    parent = makeAuthority({ name: `Sub CA ${index + 1}`, parent, ...request });
    chain.push(parent);
  }
  return { leaf: parent.issue({ ...RSA, ...leaf }), chain, anchors: [root] };
}

const constrained = (
  trees: Parameters<typeof nameConstraints>[0],
  leaf: Parameters<TestAuthority['issue']>[0] = {},
) => below([{ extensions: [nameConstraints(trees)] }], leaf);

const NOT_PERMITTED = 'a name constraint of its CA does not permit this address';
const EXCLUDED = 'a name constraint of its CA excludes this address';
const mail = (rfc822Name: string) => ({ rfc822Name });
const san = (...names: Partial<x509.GeneralName>[]) => ({ extensions: [subjectAltName(names)] });
const O = '2.5.4.10';
const CN = '2.5.4.3';
const clinicName = (cn: string) => distinguishedName(['2.5.4.6', 'US'], [O, 'Example Clinic'], [CN, cn]);
const clinicTree = { directoryName: distinguishedName(['2.5.4.6', 'US'], [O, 'Example Clinic']) };
/** The same in another string type. */
function clinicNameAs(type: string): x509.Name {
  const name = clinicName('Alice');
  const organisation = name[1]?.[0];
  if (organisation !== undefined) organisation.value = new x509.AttributeValue({ [type]: 'EXAMPLE clinic' });
  return name;
}
const P1 = '1.3.6.1.4.1.99999.2.1';
const P2 = '1.3.6.1.4.1.99999.2.2';
const ANY = '2.5.29.32.0';
const NO_POLICY = 'its CAs demand a certificate policy that it does not have';
const explicit = policyConstraints({ requireExplicitPolicy: 0 });

const otherRoot = makeAuthority({ keys: testKeyPair('p256', 'another root of the same name') });
const wrongKey = makeAuthority({
  name: 'Sub CA 1',
  parent: otherRoot,
});

function signatures(): readonly PathRow[] {
  const sub = below([{}]);
  const tampered = (certificate: Uint8Array) => {
    const changed = new Uint8Array(certificate);
    // Behind the heads, inside the signature's last number.
    changed[changed.length - 1]! ^= 0x01;
    return changed;
  };
  return [
    { name: '4.1 directly below the anchor', ...below([]) },
    { name: '4.1 below one CA', ...sub },
    { name: '4.1 below three CAs', ...below([{}, {}, {}]) },
    { name: '4.1 RSA PKCS#1 CA', ...below([{ keyType: 'rsa-2048', name: 'RSA CA' }], { hash: 'sha384' }) },
    { name: '4.1 RSASSA-PSS CA', ...below([{ keyType: 'rsa-2048', name: 'RSA CA' }], { pss: true }) },
    { name: '4.1 P-384 CA', ...below([{ keyType: 'p384', name: 'P-384 CA' }], { hash: 'sha512' }) },
    { name: '4.1 Ed25519 CA', ...below([{ keyType: 'ed25519', name: 'Ed25519 CA' }]) },
    {
      name: '4.1 tampered leaf',
      ...sub,
      leaf: { ...sub.leaf, certificate: tampered(sub.leaf.certificate) },
      reason: "the certificate's signature does not verify",
    },
    {
      name: '4.1 tampered CA',
      ...sub,
      chain: sub.chain.map((one) => ({ ...one, certificate: tampered(one.certificate) })),
      reason: 'the signature of a CA certificate of its path does not verify',
    },
    {
      name: '4.1 issued by another key of that name',
      leaf: otherRoot.issue(RSA),
      chain: [],
      anchors: [root],
      reason: "the certificate's signature does not verify",
    },
    {
      name: '4.1 SHA-1',
      ...below([{ keyType: 'rsa-2048', name: 'RSA CA' }], { hash: 'sha1' }),
      reason: 'it is signed with SHA-1, which is not accepted',
      notOpenssl: 'accepts SHA-1 unless its security level is raised',
    },
    {
      name: '4.1 MD5',
      ...below([{ keyType: 'rsa-2048', name: 'RSA CA' }], { hash: 'md5' }),
      reason: 'it is signed with MD5, which is not accepted',
      notOpenssl: 'accepts MD5 unless its security level is raised',
    },
    {
      name: '4.1 PSS with SHA-1',
      ...below([{ keyType: 'rsa-2048', name: 'RSA CA' }], { pss: true, hash: 'sha1' }),
      reason: 'it is signed with SHA-1, which is not accepted',
      notOpenssl: 'accepts SHA-1 unless its security level is raised',
    },
    {
      name: '4.1 a CA signed with SHA-1',
      ...below([{ keyType: 'rsa-2048', name: 'RSA CA' }, { hash: 'sha1' }]),
      reason: 'a CA certificate of its path is signed with SHA-1, which is not accepted',
      notOpenssl: 'accepts SHA-1 unless its security level is raised',
    },
    {
      name: '4.1 a CA with a short key',
      ...below([{ keyType: 'rsa-1024', name: 'Weak CA' }]),
      reason: 'a CA certificate of its path has a key of RSA 1024, shorter than 2048 bits',
      notOpenssl: 'accepts RSA 1024 unless its security level is raised',
    },
  ];
}

function validity(): readonly PathRow[] {
  const past = { notAfter: new Date('2026-05-05T00:00:00Z') };
  const future = { notBefore: new Date('2047-01-01T12:01:00Z'), notAfter: new Date('2049-01-01T00:00:00Z') };
  const oldRoot = makeAuthority({ name: 'Old Root', ...past });
  return [
    { name: '4.2 a GeneralizedTime end', ...below([], { notAfter: new Date('2055-01-01T00:00:00Z') }) },
    { name: '4.2 a start before 2000', ...below([], { notBefore: new Date('1951-01-01T00:00:00Z') }) },
    { name: '4.2 expired leaf', ...below([{}], past), reason: 'expired on 2026-05-05' },
    { name: '4.2 future leaf', ...below([{}], future), reason: 'not yet valid (from 2047-01-01)' },
    {
      name: '4.2 ended before 2000',
      ...below([], {
        notBefore: new Date('1980-01-01T00:00:00Z'),
        notAfter: new Date('1999-01-01T00:00:00Z'),
      }),
      reason: 'expired on 1999-01-01',
    },
    {
      name: '4.2 expired CA',
      ...below([past, {}]),
      reason: 'a CA certificate of its path expired on 2026-05-05',
    },
    {
      name: '4.2 future CA',
      ...below([future]),
      reason: 'a CA certificate of its path is not yet valid (from 2047-01-01)',
    },
    {
      name: '4.2 expired anchor',
      leaf: oldRoot.issue(RSA),
      chain: [],
      anchors: [oldRoot],
      reason: 'its trust anchor expired on 2026-05-05',
    },
  ];
}

function chaining(): readonly PathRow[] {
  const keys = testKeyPair('p256', 'chaining');
  const sub = (name: x509.Name) => makeAuthority({ parent: root, name, keys });
  const utf8 = sub(distinguishedName([O, 'Example  Clinic '], [CN, 'Sub CA']));
  const shouting = { ...sub(distinguishedName([O, 'EXAMPLE CLINIC'], [CN, 'sub ca'])) };
  const swapped = sub(distinguishedName([CN, 'Sub CA'], [O, 'Example Clinic']));
  const leaf = utf8.issue(RSA);
  const nobody = 'issued by nobody that is trusted (keys.trust_anchors)';
  const stranger = makeAuthority({ name: 'Stranger' });
  const loopA = makeAuthority({ name: 'Loop', keys: testKeyPair('p256', 'loop') });
  const loopB = makeAuthority({ name: 'Pool', keys: testKeyPair('p256', 'pool'), parent: loopA });
  const loopBack = makeAuthority({ name: 'Loop', keys: testKeyPair('p256', 'loop'), parent: loopB });
  const cross = makeAuthority({ name: 'Stranger', parent: root });
  const many = Array.from({ length: 40 }, (_, index) =>
    makeAuthority({ name: 'Sub CA 1', keys: testKeyPair('p256', `many ${index}`), parent: root }),
  );
  return [
    { name: '4.3 names that differ in case and white space', leaf, chain: [shouting], anchors: [root] },
    { name: '4.3 names in another order', leaf, chain: [swapped], anchors: [root], reason: nobody },
    { name: '4.3 no chain', leaf: below([{}]).leaf, chain: [], anchors: [root], reason: nobody },
    { name: '4.3 no anchor', ...below([{}]), anchors: [], reason: nobody },
    { name: '4.3 another anchor', ...below([{}]), anchors: [stranger], reason: nobody },
    { name: '4.3 several anchors', ...below([{}]), anchors: [stranger, otherRoot, root] },
    { name: '4.3 the chain in disorder, with the anchor and the leaf in it', ...disordered() },
    { name: '4.3 an intermediate as anchor', ...intermediateAnchor() },
    {
      name: '4.3 a cross-certificate',
      leaf: stranger.issue(RSA),
      chain: [stranger, cross],
      anchors: [root],
      notOpenssl: 'follows one issuer only',
    },
    {
      name: '4.3 a CA of the same name whose key is another',
      leaf: below([{}]).leaf,
      chain: [wrongKey, ...below([{}]).chain],
      anchors: [root],
      notOpenssl: 'follows one issuer only',
    },
    {
      name: '4.3 a loop',
      leaf: loopB.issue(RSA),
      chain: [loopB, loopBack, loopA],
      anchors: [root],
      reason: nobody,
    },
    {
      name: '4.3 a loop beside the way out',
      leaf: loopB.issue(RSA),
      chain: [loopB, loopBack, loopA],
      anchors: [loopA],
    },
    {
      name: '4.3 more CAs of one name than are tried',
      leaf: makeAuthority({ name: 'Sub CA 1', keys: testKeyPair('p256', 'unknown'), parent: root }).issue({
        ...RSA,
        without: [x509.id_ce_authorityKeyIdentifier],
      }),
      chain: many,
      anchors: [root],
      reason: 'it came with too many CA certificates to try them all',
    },
    {
      name: '4.3 found among many by its key identifier',
      leaf: many[39]!.issue(RSA),
      chain: many,
      anchors: [root],
    },
    {
      name: '4.3 found although its key identifier is wrong',
      leaf: below([{}], { extensions: [authorityKeyIdentifier(otherRoot.keys.publicKey)] }).leaf,
      chain: below([{}]).chain,
      anchors: [root],
      notOpenssl: 'takes the key identifier for more than a hint',
    },
    { name: '4.3 eight certificates', ...below([{}, {}, {}, {}, {}, {}]) },
    {
      name: '4.3 nine certificates',
      ...below([{}, {}, {}, {}, {}, {}, {}]),
      reason: nobody,
      notOpenssl: 'takes longer paths',
    },
  ];

  function disordered() {
    const made = below([{}, {}, {}]);
    return { ...made, chain: [made.leaf, root, ...made.chain.toReversed()] };
  }
  function intermediateAnchor() {
    const made = below([{}, {}]);
    return {
      leaf: made.leaf,
      chain: made.chain,
      anchors: [made.chain[0]!],
      notOpenssl: 'wants a self-signed anchor',
    };
  }
}

function selfIssued(): readonly PathRow[] {
  // Key rollover (RFC 4210 4.4): the new key certified by the old one under the same name.
  const oldCa = makeAuthority({
    name: 'Rolling CA',
    keys: testKeyPair('p256', 'old'),
    parent: root,
    pathLength: 0,
  });
  const newWithOld = makeAuthority({ name: 'Rolling CA', keys: testKeyPair('p256', 'new'), parent: oldCa });
  const next = makeAuthority({ name: 'Below', parent: newWithOld });
  return [
    {
      name: '4.5 new with old, which no path length counts',
      leaf: newWithOld.issue(RSA),
      chain: [oldCa, newWithOld],
      anchors: [root],
    },
    {
      name: '4.5 a further CA, which it counts',
      leaf: next.issue(RSA),
      chain: [oldCa, newWithOld, next],
      anchors: [root],
      reason: 'the path length that its CAs allow is exceeded',
    },
  ];
}

function authority(): readonly PathRow[] {
  const notCa = 'a CA certificate of its path is not a CA certificate';
  const noSigning = 'keyUsage of a CA certificate of its path does not allow to sign certificates';
  const tooLong = 'the path length that its CAs allow is exceeded';
  const shortRoot = makeAuthority({ name: 'Short Root', pathLength: 0 });
  const shortSub = makeAuthority({ name: 'Sub', parent: shortRoot });
  return [
    {
      name: '4.6 no basicConstraints',
      ...below([{ without: [x509.id_ce_basicConstraints] }]),
      reason: notCa,
    },
    {
      name: '4.6 cA false',
      ...below([{ extensions: [basicConstraints({ ca: false })] }]),
      reason: notCa,
    },
    {
      name: '4.6 basicConstraints that are not critical',
      ...below([
        {
          extensions: [extension(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: true }))],
        },
      ]),
    },
    {
      name: '4.6 a version 1 CA',
      ...below([
        {
          version: x509.Version.v1,
          change: (tbs) => {
            delete tbs.extensions;
          },
        },
      ]),
      reason: 'a CA certificate of its path is not of version 3',
    },
    { name: '4.6 path length 0', ...below([{ pathLength: 0 }]) },
    { name: '4.6 path length 0, one more', ...below([{ pathLength: 0 }, {}]), reason: tooLong },
    { name: '4.6 path length 1', ...below([{ pathLength: 1 }, {}]) },
    {
      name: '4.6 path length 0 below a larger one',
      ...below([{ pathLength: 6 }, { pathLength: 0 }, {}]),
      reason: tooLong,
    },
    {
      name: '4.6 a path length that was raised below',
      ...below([{ pathLength: 1 }, { pathLength: 9 }, {}]),
      reason: tooLong,
    },
    {
      name: '4.6 path length of the anchor',
      leaf: shortSub.issue(RSA),
      chain: [shortSub],
      anchors: [shortRoot],
      reason: tooLong,
    },
    {
      name: '4.6 a person who issues',
      ...personWhoIssues(),
      reason: notCa,
    },
    { name: '4.7 no keyCertSign', ...below([{ extensions: [keyUsage(['cRLSign'])] }]), reason: noSigning },
    { name: '4.7 no keyUsage', ...below([{ without: [x509.id_ce_keyUsage] }]) },
    {
      name: 'a CA for servers only',
      ...below([{ extensions: [extendedKeyUsage(['1.3.6.1.5.5.7.3.1'])] }]),
      reason: 'extendedKeyUsage of a CA certificate of its path does not allow e-mail protection',
    },
    {
      name: 'a CA for mail',
      ...below([{ extensions: [extendedKeyUsage([x509.id_kp_emailProtection])] }]),
    },
    {
      name: '4.16 an unknown critical extension of a CA',
      ...below([{ extensions: [extension('1.3.6.1.4.1.99999.1', Buffer.from([5, 0]), true)] }]),
      reason: 'a CA certificate of its path has a critical extension that is not supported',
    },
  ];

  function personWhoIssues() {
    const person = root.issue({ name: 'Mallory', emails: ['mallory@clinic.example'] });
    const fake = makeAuthority({ name: 'Mallory', keys: person.keys });
    return { leaf: fake.issue(RSA), chain: [person], anchors: [root] };
  }
}

function policies(): readonly PathRow[] {
  const has = (...oids: string[]) => certificatePolicies(oids);
  return [
    { name: '4.8 no policies', ...below([{}]) },
    {
      name: '4.8 different policies, none demanded',
      ...below([{ extensions: [has(P1)] }], { extensions: [has(P2)] }),
    },
    {
      name: '4.8 the demanded policy',
      ...below([{ extensions: [has(P1), explicit] }], { extensions: [has(P1, P2)] }),
    },
    {
      name: '4.8 not the demanded policy',
      ...below([{ extensions: [has(P1), explicit] }], { extensions: [has(P2)] }),
      reason: NO_POLICY,
    },
    {
      name: '4.8 no policy where one is demanded',
      ...below([{ extensions: [has(P1), explicit] }]),
      reason: NO_POLICY,
    },
    { name: '4.8 any policy', ...below([{ extensions: [has(ANY), explicit] }], { extensions: [has(P2)] }) },
    {
      name: '4.9 demanded after three more',
      ...below([
        { extensions: [has(P1), policyConstraints({ requireExplicitPolicy: 3 })] },
        { extensions: [has(P1)] },
      ]),
    },
    {
      name: '4.9 demanded after two more',
      ...below([
        { extensions: [has(P1), policyConstraints({ requireExplicitPolicy: 2 })] },
        { extensions: [has(P1)] },
      ]),
      reason: NO_POLICY,
    },
    {
      name: '4.10 a mapped policy',
      ...below([{ extensions: [has(P1), explicit, policyMappings([[P1, P2]])] }], { extensions: [has(P2)] }),
    },
    {
      name: '4.10 what it was mapped from',
      ...below([{ extensions: [has(P1), explicit, policyMappings([[P1, P2]])] }], { extensions: [has(P1)] }),
      reason: NO_POLICY,
    },
    {
      name: '4.10 a mapping of any policy',
      ...below([{ extensions: [has(P1), policyMappings([[ANY, P2]])] }], { extensions: [has(P2)] }),
      reason: 'malformed: it or a certificate of its path maps the policy that stands for any',
    },
    {
      name: '4.11 mapping inhibited',
      ...below(
        [
          {
            extensions: [has(P1), policyConstraints({ requireExplicitPolicy: 0, inhibitPolicyMapping: 0 })],
          },
          { extensions: [has(P1), policyMappings([[P1, P2]])] },
        ],
        { extensions: [has(P2)] },
      ),
      reason: NO_POLICY,
    },
    {
      name: '4.12 any policy inhibited',
      ...below([{ extensions: [has(P1), explicit, inhibitAnyPolicy(0)] }], { extensions: [has(ANY)] }),
      reason: NO_POLICY,
    },
    {
      name: '4.12 any policy inhibited after one more',
      ...below([{ extensions: [has(P1), explicit, inhibitAnyPolicy(1)] }], { extensions: [has(ANY)] }),
    },
  ];
}

function names(): readonly PathRow[] {
  const both = { permitted: [mail('clinic.example')], excluded: [mail('mallory@clinic.example')] };
  const utf8 = { judging: { address: 'zoë@clinic.example' }, notOpenssl: 'differs between versions' };
  return [
    { name: '4.13 its host', ...constrained({ permitted: [mail('clinic.example')] }) },
    { name: '4.13 its host in another case', ...constrained({ permitted: [mail('Clinic.EXAMPLE')] }) },
    { name: '4.13 its mailbox', ...constrained({ permitted: [mail('alice@clinic.example')] }) },
    {
      name: '4.13 one of two',
      ...constrained({ permitted: [mail('other.example'), mail('clinic.example')] }),
    },
    { name: '4.13 below a domain', ...constrained({ permitted: [mail('.example')] }) },
    { name: '4.13 nothing excluded', ...constrained({ excluded: [mail('other.example')] }) },
    { name: '4.13 another mailbox excluded', ...constrained(both) },
    {
      name: '4.13 another host',
      ...constrained({ permitted: [mail('other.example')] }),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 a host that ends alike',
      ...constrained({ permitted: [mail('linic.example')] }),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 the host itself is not below it',
      ...constrained({ permitted: [mail('.clinic.example')] }),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 a host below is not the host',
      ...constrained({ permitted: [mail('clinic.example')] }, { emails: ['alice@mail.clinic.example'] }),
      judging: { address: 'alice@mail.clinic.example' },
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 another mailbox',
      ...constrained({ permitted: [mail('bob@clinic.example')] }),
      reason: NOT_PERMITTED,
    },
    { name: '4.13 excluded host', ...constrained({ excluded: [mail('clinic.example')] }), reason: EXCLUDED },
    { name: '4.13 excluded domain', ...constrained({ excluded: [mail('.example')] }), reason: EXCLUDED },
    {
      name: '4.13 excluded mailbox',
      ...constrained({ excluded: [mail('alice@clinic.example')] }),
      reason: EXCLUDED,
    },
    {
      name: '4.13 excluded mailbox in another case',
      ...constrained({ excluded: [mail('ALICE@clinic.example')] }),
      reason: EXCLUDED,
      notOpenssl: 'compares local parts exactly',
    },
    {
      name: '4.13 excluded within what is permitted',
      ...constrained({ permitted: [mail('.example')], excluded: [mail('clinic.example')] }),
      reason: EXCLUDED,
    },
    {
      name: '4.13 a second name outside',
      ...constrained(
        { permitted: [mail('clinic.example')] },
        {
          emails: ['alice@clinic.example', 'alice@other.example'],
        },
      ),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 a name outside in the subject',
      ...constrained(
        { permitted: [mail('clinic.example')] },
        {
          name: distinguishedName([CN, 'Alice'], ['1.2.840.113549.1.9.1', 'alice@other.example']),
        },
      ),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 permitted twice, not by both',
      ...below([
        { extensions: [nameConstraints({ permitted: [mail('clinic.example'), mail('other.example')] })] },
        { extensions: [nameConstraints({ permitted: [mail('other.example')] })] },
      ]),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 constraints of the anchor (RFC 5937)',
      ...anchorConstraints(),
      reason: NOT_PERMITTED,
    },
    {
      name: '4.13 its directory',
      ...constrained({ permitted: [clinicTree] }, { name: clinicName('Alice') }),
    },
    {
      name: '4.13 another directory',
      ...constrained(
        { permitted: [clinicTree] },
        { name: distinguishedName(['2.5.4.6', 'US'], [CN, 'Alice']) },
      ),
      reason: 'a name constraint of its CA does not permit its subject',
    },
    {
      name: '4.13 excluded directory',
      ...constrained({ excluded: [clinicTree] }, { name: clinicName('Alice') }),
      reason: 'a name constraint of its CA excludes its subject',
    },
    ...['teletexString', 'bmpString', 'universalString', 'printableString'].map((type) => ({
      name: `4.13 excluded directory, as ${type}`,
      ...constrained({ excluded: [clinicTree] }, { name: clinicNameAs(type) }),
      reason: 'a name constraint of its CA excludes its subject',
    })),
    {
      name: '4.13 host names that are not looked at',
      ...constrained({ permitted: [mail('clinic.example'), { dNSName: 'clinic.example' }] }),
    },
    {
      name: '4.13 host names that would have to be looked at',
      ...constrained(
        { permitted: [{ dNSName: 'clinic.example' }] },
        san(mail('alice@clinic.example'), { dNSName: 'www.clinic.example' }),
      ),
      reason: 'a name constraint of its CA is of a kind that is not supported',
      notOpenssl: 'knows host names',
    },
    {
      name: '4.13 a constraint that is malformed',
      ...constrained({ excluded: [mail('*.example')] }),
      reason: 'a name constraint of its CA is of a kind that is not supported',
      notOpenssl: 'takes any text',
    },
    {
      name: '4.13 more names and constraints than are compared',
      ...constrained(
        { excluded: Array.from({ length: 1000 }, (_, index) => mail(`${index}.example`)) },
        {
          emails: [
            'alice@clinic.example',
            ...Array.from({ length: 1000 }, (_, index) => `${index}@b.example`),
          ],
        },
      ),
      reason: 'the name constraints of its CAs are too many',
      notOpenssl: 'has another limit',
    },
    {
      name: 'RFC 9598 6 its host',
      ...constrained({ permitted: [mail('clinic.example')] }, san(smtpUtf8Mailbox('zoë@clinic.example'))),
      ...utf8,
    },
    {
      name: 'RFC 9598 6 another host',
      ...constrained({ permitted: [mail('other.example')] }, san(smtpUtf8Mailbox('zoë@clinic.example'))),
      ...utf8,
      reason: NOT_PERMITTED,
    },
    {
      name: 'RFC 9598 6 excluded host',
      ...constrained({ excluded: [mail('clinic.example')] }, san(smtpUtf8Mailbox('zoë@clinic.example'))),
      ...utf8,
      reason: EXCLUDED,
    },
    {
      name: 'RFC 9598 6 permits a mailbox only',
      ...constrained({ permitted: [mail('zoe@clinic.example')] }, san(smtpUtf8Mailbox('zoë@clinic.example'))),
      ...utf8,
      reason: NOT_PERMITTED,
    },
    {
      name: 'a constraint on SmtpUTF8Mailbox itself',
      ...constrained(
        { excluded: [smtpUtf8Mailbox('clinic.example')] },
        san(smtpUtf8Mailbox('zoë@clinic.example')),
      ),
      ...utf8,
      reason: 'a name constraint of its CA is of a kind that is not supported',
    },
  ];

  function anchorConstraints() {
    const name = 'Constrained Root';
    const anchor = makeAuthority({
      name,
      extensions: [nameConstraints({ permitted: [mail('other.example')] })],
    });
    return { leaf: anchor.issue(RSA), chain: [], anchors: [anchor] };
  }
}

export const PATH_ROWS: readonly PathRow[] = [
  ...signatures(),
  ...validity(),
  ...chaining(),
  ...selfIssued(),
  ...authority(),
  ...policies(),
  ...names(),
];
