import { createHash } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import type { Config } from '../config/config.js';

/** `/` in a browser shows where to go; every other client gets the failure of an unknown route. */
export function serveStartPage(app: NestExpressApplication, config: Config): void {
  const page = pageOf(config);
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!/^\/(?:\?|$)/.test(request.url) || request.method !== 'GET' || request.accepts(['json', 'html']) !== 'html')
      return next();
    response.setHeader('Content-Security-Policy', POLICY);
    response.append('Vary', 'Accept');
    response.type('html').send(page);
  });
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #667085; --line: #d8dee8; --card: #fff; --back: #f4f6fa; --main: #1a66d6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #384152; --card: #1b212c; --back: #12161d; --main: #5a9bff; } }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, "PingFang SC", "Noto Sans SC", sans-serif; }
main { max-width: 620px; margin: 12vh auto; padding: 0 24px; }
h1 { font-size: 28px; margin: 0; }
p { margin: 4px 0 24px; color: var(--soft); }
a { display: block; margin: 10px 0; padding: 14px 18px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--main); font-weight: 600; text-decoration: none; }
a:hover, a:focus-visible { border-color: var(--main); }
a small { display: block; color: var(--soft); font-weight: 400; }
`;

/** Nothing but this one style: no script, no picture, no frame around it. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

function pageOf({ production, wechat }: Config): string {
  const links = [
    link('/docs', '接口文档 API documents', 'api-v1, liveuser, web, open'),
    link('/docs/open/sign', '签名助手 Signing helper', 'LinkV'),
    ...(production || wechat.mode !== 'simulator'
      ? []
      : [link(wechat.apiBase, '微信模拟器 WeChat simulator', '支付与退款 · pay and refund')]),
    link('/health/ready', '健康状态 Health', 'database, migrations'),
  ];
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>livemall</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>livemall</h1>
<p>商城服务已启动 · The mall is running.</p>
${links.join('\n')}
</main>
</body>
</html>
`;
}

function link(address: string, title: string, note: string): string {
  return `<a href="${encodeURI(address)}">${title}<small>${note}</small></a>`;
}
