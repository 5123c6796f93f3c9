import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { SIGN_SCRIPT } from './sign-page.script.js';
import { SIGN_STYLE } from './sign-page.style.js';

/** Nothing but this server's own script, and requests to this server: the secret has nowhere to go. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `/docs/open/sign` makes requests of the open wire that are ready to send: the browser signs, the secret stays in the page. */
export function serveSignPage(app: NestExpressApplication): void {
  const serve = (path: string, type: string, content: string): void => {
    app.use(path, (_request: unknown, response: Response) => {
      response.setHeader('Content-Security-Policy', POLICY);
      response.type(type).send(content);
    });
  };
  serve('/docs/open/sign.js', 'text/javascript', SIGN_SCRIPT);
  serve('/docs/open/sign.css', 'text/css', SIGN_STYLE);
  serve('/docs/open/sign', 'html', PAGE);
}

const PAGE = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>签名助手 · Signing helper</title>
<link rel="stylesheet" href="/docs/open/sign.css">
<script src="/docs/open/sign.js" defer></script>
</head>
<body>
<header>
  <h1>签名助手 <span>Signing helper of the open wire</span></h1>
  <p>在浏览器内计算签名，密钥不会离开本页 · The signature is computed in this page; the secret never leaves it.
  <a href="/docs?urls.primaryName=open">接口文档 API document</a></p>
</header>
<main>
  <section>
    <h2>1 · 接口 <span>Route</span></h2>
    <div class="row" id="routes" role="radiogroup" aria-label="Route"></div>
    <h2>2 · 应用 <span>App</span></h2>
    <label>app_id <input id="app_id" autocomplete="off" spellcheck="false" placeholder="LM…"></label>
    <label>secret <input id="secret" type="password" autocomplete="off" spellcheck="false"></label>
    <h2>3 · 参数 <span>Parameters</span></h2>
    <div id="fields"></div>
    <div class="row">
      <button type="button" id="again" class="quiet">换一个 nonce 和 request_id · Fresh ids</button>
      <button type="button" id="send">发送 · Send</button>
    </div>
  </section>
  <section>
    <h2>签名原文 <span>Signed text</span></h2>
    <pre id="text"></pre>
    <h2>sign</h2>
    <pre id="sign"></pre>
    <h2>表单 <span>Form, ready to send</span> <button type="button" class="copy" data-copy="form">复制 Copy</button></h2>
    <pre id="form"></pre>
    <h2>curl <button type="button" class="copy" data-copy="curl">复制 Copy</button></h2>
    <pre id="curl"></pre>
    <h2>回复 <span>Reply</span></h2>
    <pre id="reply">尚未发送 · Not sent yet</pre>
  </section>
</main>
</body>
</html>
`;
