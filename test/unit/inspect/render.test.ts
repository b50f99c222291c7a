import { describe, expect, it } from 'vitest';
import {
  renderAttachment,
  renderAttachments,
  renderMessage,
  renderSummary,
} from '../../../src/inspect/render.js';
import { sanitiseHtml } from '../../../src/inspect/sanitise.js';
import { HEADER, mail } from './limits.js';

describe('sanitising', () => {
  it.each([
    ['scripts', '<p>a<script>x()</script>', '<p>a</p>'],
    ['handlers', '<p onclick="x()">a</p>', '<p>a</p>'],
    ['style sheets', '<style>p{}</style><p>a</p>', '<p>a</p>'],
    ['frames, forms and objects', '<iframe src="x"></iframe><form><input></form><object></object>a', 'a'],
    ['a base and a refresh', '<base href="https://x.test"><meta http-equiv=refresh content=0>a', 'a'],
    [
      'SVG and MathML',
      '<svg><a href="javascript:x">a</a></svg><math></math>b',
      '<a rel="noopener noreferrer" target="_blank">a</a>b',
    ],
    ['remote images', '<img src="https://x.test/a.png">a', 'a'],
    ['images by the protocol of the page', '<img src="//x.test/a.png">a', 'a'],
    ['SVG images', '<img src="data:image/svg+xml;base64,AAAA">a', 'a'],
    ['remote backgrounds', '<p style="background:url(https://x.test/a)">a</p>', '<p>a</p>'],
    ['colours that load', '<p style="color:red;background-color:url(x)">a</p>', '<p style="color:red">a</p>'],
    ['fixed positions', '<p style="position:fixed;top:0">a</p>', '<p>a</p>'],
    [
      'javascript links',
      '<a href="javascript:x()">a</a>',
      '<a rel="noopener noreferrer" target="_blank">a</a>',
    ],
    [
      'obscured javascript links',
      '<a href="java&#10;script:x()">a</a>',
      '<a rel="noopener noreferrer" target="_blank">a</a>',
    ],
    ['data links', '<a href="data:text/html,x">a</a>', '<a rel="noopener noreferrer" target="_blank">a</a>'],
    [
      'link targets',
      '<a target="_top" rel="opener" href="https://x.test/">a</a>',
      '<a href="https://x.test/" rel="noopener noreferrer" target="_blank">a</a>',
    ],
    ['names that collide', '<p id="x" name="y" class="z">a</p>', '<p>a</p>'],
  ])('takes away %s', (_name, html, safe) => {
    expect(sanitiseHtml(html)).toBe(safe);
  });

  it('keeps mail links and embedded images', () => {
    const html = '<a href="mailto:a@clinic.example" rel="noopener noreferrer" target="_blank">a</a>';
    expect(sanitiseHtml(html)).toBe(html);
    expect(sanitiseHtml('<img src="data:image/png;base64,iVBO" alt="x">')).toContain(
      'data:image/png;base64,iVBO',
    );
  });
});

const MIXED = mail(
  `From: "Ada\u202e Test" <a@clinic.example>\nTo: b@partner.example, c@partner.example\nSubject: =?utf-8?Q?caf=C3=A9?=\nDate: Tue, 3 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<p>hello<img src="cid:i@x"><img src="cid:none@x"></p>\n--r\nContent-Type: image/png\nContent-ID: <i@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--r--\n--b\nContent-Type: text/plain; name="../../x\u202etxt.exe"\nContent-Disposition: attachment\n\nfile\n--b--\n`,
);

describe('rendering', () => {
  it('shows what a person needs', async () => {
    const rendered = await renderMessage(MIXED);
    expect(rendered.subject).toBe('café');
    expect(rendered.from).toBe('"Ada Test" <a@clinic.example>');
    expect(rendered.to).toContain('b@partner.example, c@partner.example');
    expect(rendered.date).toBe('2026-11-03T10:00:00.000Z');
    expect(rendered.html).toContain('hello<img src="data:image/png;base64,iVBORw0KGgo="');
    expect(rendered.html).not.toContain('cid:');
    expect(rendered.attachments.map((one) => one.fileName)).toContain('xtxt.exe');
    for (const one of rendered.attachments) expect(one.fileName).not.toMatch(/[/\\\u202e]/);
  });

  it('gives an attachment by its index', async () => {
    const { attachments } = await renderMessage(MIXED);
    const index = attachments.find((one) => one.fileName.endsWith('.exe'))?.index ?? -1;
    const attachment = await renderAttachment(MIXED, index);
    expect(
      Buffer.from(attachment?.bytes ?? [])
        .toString()
        .trim(),
    ).toBe('file');
    expect(await renderAttachment(MIXED, 99)).toBeUndefined();
  });

  it('gives all attachments in the order in which they are shown', async () => {
    const { attachments } = await renderMessage(MIXED);
    const all = await renderAttachments(MIXED);
    expect(all.map((one) => [one.fileName, one.bytes.length])).toEqual(
      attachments.map((one) => [one.fileName, one.size]),
    );
  });

  it('shows the words of HTML where there is no text part', async () => {
    const rendered = await renderMessage(
      mail(`${HEADER}Content-Type: text/html\n\n<p>one<p>t<b>w</b>o<script>x</script>\n`),
    );
    expect(rendered.text).toMatch(/^one\s+two$/);
  });

  it('knows by its bytes whether an attachment can be drawn', async () => {
    const part = (name: string, content: string) =>
      `--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=${name}\n\n${content}\n`;
    const message = mail(
      `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n${part('a.bin', '%PDF-1.4')}${part('b.pdf', 'MZ words')}--b--\n`,
    );
    const { attachments } = await renderMessage(message);
    expect(attachments.map((one) => one.previewable)).toEqual([true, false]);
  });

  it('tells a list the Subject and whether there are attachments, by the first bytes alone', async () => {
    expect(await renderSummary(MIXED)).toEqual({ subject: 'café', hasAttachments: true });
    expect(await renderSummary(MIXED.subarray(0, MIXED.length - 40))).toMatchObject({ subject: 'café' });
    expect(await renderSummary(mail(`${HEADER}\nhello\n`))).toMatchObject({ hasAttachments: false });
  });

  it('shows plain text as text', async () => {
    const rendered = await renderMessage(mail(`${HEADER}\nhello <b>\n`));
    expect(rendered.text?.trim()).toBe('hello <b>');
    expect(rendered.html).toBeUndefined();
  });

  it('never hands a malformed media type to a browser', async () => {
    const message = mail(
      `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: te"xt/<x>\nContent-Disposition: attachment; filename=a\n\nx\n--b--\n`,
    );
    expect((await renderMessage(message)).attachments[0]?.mediaType).toBe('application/octet-stream');
  });
});
