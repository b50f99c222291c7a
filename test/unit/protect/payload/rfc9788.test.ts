import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { lines, split, valuesOf } from './messages.js';

/* The samples of RFC 9788: what their author wrote, and the Cryptographic Payload and outer fields that it shows. */

describe('appendix C.3.1: smime-signed-enc-hp-baseline', () => {
  const message = `MIME-Version: 1.0
Content-Transfer-Encoding: 7bit
Subject: smime-signed-enc-hp-baseline
Message-ID: <smime-signed-enc-hp-baseline@example>
From: Alice <alice@smime.example>
To: Bob <bob@smime.example>
Date: Sat, 20 Feb 2021 10:09:02 -0500
User-Agent: Sample MUA Version 1.0
Content-Type: text/plain; charset="utf-8"

This is the
smime-signed-enc-hp-baseline
message.
`;

  it('has the same protected fields and the same parameter', async () => {
    const { inner, body } = await split(message);
    const ours = lines(inner).filter((line) => !line.startsWith('HP-Outer:'));
    expect(ours.toSorted()).toEqual(
      [
        'Subject: smime-signed-enc-hp-baseline',
        'Message-ID: <smime-signed-enc-hp-baseline@example>',
        'From: Alice <alice@smime.example>',
        'To: Bob <bob@smime.example>',
        'Date: Sat, 20 Feb 2021 10:09:02 -0500',
        'User-Agent: Sample MUA Version 1.0',
        'Content-Transfer-Encoding: 7bit',
        'Content-Type: text/plain; hp="cipher"; charset="utf-8"',
      ].toSorted(),
    );
    expect(body).toBe('This is the\r\nsmime-signed-enc-hp-baseline\r\nmessage.\r\n');
  });

  it('has the outer fields of hcp_baseline, but for names and what is not on the stricter list', async () => {
    const { outer, inner } = await split(message);
    const sample = [
      'Subject: [...]',
      'Message-ID: <smime-signed-enc-hp-baseline@example>',
      'From: alice@smime.example',
      'To: bob@smime.example',
      'Date: Sat, 20 Feb 2021 10:09:02 -0500',
    ];
    expect(lines(outer)).toEqual(sample);
    expect(valuesOf(inner, 'hp-outer')).toEqual(sample);
  });
});

describe('appendix E: Legacy Display Elements', () => {
  const header = (type: string) => `Date: Fri, 21 Jan 2022 20:40:48 -0500
From: Alice <alice@example.net>
To: Bob <bob@example.net>
Subject: Dinner plans
Message-ID: <text-plain-legacy-display@lhp.example>
MIME-Version: 1.0
Content-Type: ${type}; charset="us-ascii"
`;

  it('E.1: text/plain', async () => {
    const { inner, body } = await split(
      `${header('text/plain')}\nLet's meet at Rama's Roti Shop at 8pm and go to the park\nfrom there.\n`,
      { legacyDisplay: true },
    );
    expect(valuesOf(inner, 'content-type')).toEqual([
      'text/plain; hp="cipher"; hp-legacy-display="1"; charset="us-ascii"',
    ]);
    expect(valuesOf(inner, 'hp-outer')).toEqual([
      'Date: Fri, 21 Jan 2022 20:40:48 -0500',
      'From: alice@example.net',
      'To: bob@example.net',
      'Subject: [...]',
      'Message-ID: <text-plain-legacy-display@lhp.example>',
    ]);
    expect(body).toBe(
      "Subject: Dinner plans\r\n\r\nLet's meet at Rama's Roti Shop at 8pm and go to the park\r\nfrom there.\r\n",
    );
  });

  it('E.2: text/html', async () => {
    const { body, inner } = await split(
      `${header('text/html')}
<html><head><title></title></head><body>
<p>
Let's meet at Rama's Roti Shop at 8pm and go to the park
from there.
</p>
</body>
</html>
`,
      { legacyDisplay: true },
    );
    expect(valuesOf(inner, 'content-type')[0]).toContain('hp-legacy-display="1"');
    expect(body).toBe(
      `<html><head><title></title></head><body>
<div class="header-protection-legacy-display">
<pre>Subject: Dinner plans</pre>
</div>
<p>
Let's meet at Rama's Roti Shop at 8pm and go to the park
from there.
</p>
</body>
</html>
`.replaceAll('\n', '\r\n'),
    );
  });

  it('another reader sees the payload as the message that was written', async () => {
    const { entity } = await split(`${header('text/plain')}\nLet's meet.\n`);
    const read = await simpleParser(entity);
    expect(read.subject).toBe('Dinner plans');
    expect(read.text).toBe("Let's meet.\n");
  });
});
