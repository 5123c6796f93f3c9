/** Header sets as browsers and WeChat send them to `own`, the server's origin; `evil` is a page of another site. */
export type HeaderSet = Readonly<Record<string, string>>;

export const EVIL = 'https://evil.example';
export const MINI_PROGRAM_APP = 'wx0000000000000001';

const fetchMetadata = (site: string, mode: string, dest: string, user = false): HeaderSet => ({
  'Sec-Fetch-Site': site,
  'Sec-Fetch-Mode': mode,
  'Sec-Fetch-Dest': dest,
  ...(user ? { 'Sec-Fetch-User': '?1', 'Upgrade-Insecure-Requests': '1' } : {}),
});

export const miniProgramPage = (appId: string): string => `https://servicewechat.com/${appId}/devtools/page-frame.html`;

/** What must work: name, headers. */
export function startSession(own: string): [name: string, headers: HeaderSet][] {
  const miniProgram = { ...fetchMetadata('cross-site', 'cors', 'empty'), Referer: miniProgramPage(MINI_PROGRAM_APP) };
  return [
    ['curl or an app', {}],
    [
      "fetch() of the shop's own page",
      { ...fetchMetadata('same-origin', 'cors', 'empty'), Origin: own, Referer: `${own}/` },
    ],
    [
      'fetch() of our own page without Origin (GET)',
      { ...fetchMetadata('same-origin', 'cors', 'empty'), Referer: `${own}/` },
    ],
    ['fetch() of mode same-origin', fetchMetadata('same-origin', 'same-origin', 'empty')],
    ['an old browser with Origin and no Fetch Metadata', { Origin: own, Referer: `${own}/` }],
    ['a proxy that ends TLS', { Origin: own.replace('http:', 'https:') }],
    ['the mini program in the developer tools', { ...miniProgram, Origin: 'https://servicewechat.com' }],
    ['the mini program on a phone', { Referer: `https://servicewechat.com/${MINI_PROGRAM_APP}/42/page-frame.html` }],
    ['the mini program without Origin', miniProgram],
  ];
}

/** What must be refused: name, headers. */
export function hostile(own: string): [name: string, headers: HeaderSet][] {
  const other = miniProgramPage('wx9999999999999999');
  return [
    ['an image of another site', { ...fetchMetadata('cross-site', 'no-cors', 'image'), Referer: `${EVIL}/` }],
    ['a script of another site', fetchMetadata('cross-site', 'no-cors', 'script')],
    ['a frame of another site', fetchMetadata('cross-site', 'navigate', 'iframe')],
    ['a link of another site', fetchMetadata('cross-site', 'navigate', 'document', true)],
    ['a form of another site', { ...fetchMetadata('cross-site', 'navigate', 'document', true), Origin: EVIL }],
    ['fetch() of another site', { ...fetchMetadata('cross-site', 'cors', 'empty'), Origin: EVIL }],
    [
      'fetch() without CORS of another site',
      { ...fetchMetadata('cross-site', 'no-cors', 'empty'), Referer: `${EVIL}/` },
    ],
    ['a sandboxed frame', { ...fetchMetadata('cross-site', 'cors', 'empty'), Origin: 'null' }],
    ['an Origin of null alone', { Origin: 'null' }],
    ['an old browser on another site', { Origin: EVIL }],
    ['our host as a part of another', { Origin: `${own}.evil.example` }],
    ['our host on another port', { Origin: 'http://127.0.0.1:1' }],
    ['two Origins', { Origin: `${own}, ${EVIL}` }],
    ['a sub-domain of ours', fetchMetadata('same-site', 'cors', 'empty')],
    ['the address bar', fetchMetadata('none', 'navigate', 'document', true)],
    ['a browser extension', fetchMetadata('none', 'cors', 'empty')],
    ['a link on our own page', fetchMetadata('same-origin', 'navigate', 'document', true)],
    ['an image on our own page', fetchMetadata('same-origin', 'no-cors', 'image')],
    ['a script element on our own page', fetchMetadata('same-origin', 'no-cors', 'script')],
    ['a frame on our own page', fetchMetadata('same-origin', 'navigate', 'iframe')],
    ['an image, told by nothing else', { 'Sec-Fetch-Dest': 'image' }],
    ["Chrome's prefetch", { ...fetchMetadata('same-origin', 'no-cors', 'empty'), 'Sec-Purpose': 'prefetch' }],
    ["Chrome's prerender", { ...fetchMetadata('none', 'navigate', 'document'), 'Sec-Purpose': 'prefetch;prerender' }],
    ["Safari's preview", { Purpose: 'preview', 'X-Purpose': 'preview' }],
    ["an old Chrome's prefetch", { Purpose: 'prefetch' }],
    ["an old Firefox's prefetch", { 'X-Moz': 'prefetch' }],
    [
      'a prefetch with our mini program as Referer',
      { Purpose: 'prefetch', Referer: miniProgramPage(MINI_PROGRAM_APP) },
    ],
    [
      "another's mini program",
      { ...fetchMetadata('cross-site', 'cors', 'empty'), Origin: 'https://servicewechat.com', Referer: other },
    ],
    ["another's mini program without Origin", { ...fetchMetadata('cross-site', 'cors', 'empty'), Referer: other }],
    ['servicewechat.com without its Referer', { Origin: 'https://servicewechat.com' }],
    [
      'our mini program page on another host',
      {
        ...fetchMetadata('cross-site', 'cors', 'empty'),
        Referer: `${EVIL}/?https://servicewechat.com/${MINI_PROGRAM_APP}/1/page-frame.html`,
      },
    ],
    [
      'another Origin with our mini program as Referer',
      { ...fetchMetadata('cross-site', 'cors', 'empty'), Origin: EVIL, Referer: miniProgramPage(MINI_PROGRAM_APP) },
    ],
  ];
}
