export const SIGN_PAGE = `<!doctype html>
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
