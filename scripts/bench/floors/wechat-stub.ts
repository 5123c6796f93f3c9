import { createServer } from 'node:http';
import { openidOf } from '../world.js';

/* WeChat's code exchange in constant time: the code is `<user id>-<serial>`. Argument: port. */
const [port = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const user = /js_code=(\d+)-/.exec(request.url ?? '')?.[1] ?? '0';
  const text = JSON.stringify({ openid: openidOf(Number(user)), session_key: 'c2Vzc2lvbiBrZXk=' });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
});
server.keepAliveTimeout = 65_000;
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit());
