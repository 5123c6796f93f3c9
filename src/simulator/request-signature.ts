import { verify } from 'node:crypto';
import { header, type SimRequest } from './http.js';
import type { SimulatorKeys } from './keys.js';
import { PayRefusal } from './pay-reply.js';

const SCHEME = 'WECHATPAY2-SHA256-RSA2048 ';
const WINDOW_SECONDS = 300;

/**
 * Checks a merchant's request as WeChat does: scheme, merchant, serial, time window, and the RSA signature over the bytes received.
 * @throws PayRefusal 401 SIGN_ERROR, or 400 when a header that every request needs is missing
 */
export function verifyRequest(request: SimRequest, keys: SimulatorKeys, nowSeconds: number): void {
  if (header(request, 'user-agent') === '') throw new PayRefusal(400, 'PARAM_ERROR', 'Http头缺少User-Agent');
  if (!header(request, 'accept')) throw new PayRefusal(406, 'PARAM_ERROR', 'Http头缺少Accept');
  if (request.body.length > 0 && !header(request, 'content-type').startsWith('application/json')) {
    throw new PayRefusal(415, 'PARAM_ERROR', 'Content-Type须为application/json');
  }
  const fields = authorizationFields(header(request, 'authorization'));
  const { mchid, nonce_str: nonce, timestamp, serial_no: serial, signature } = fields;
  if (!mchid || !nonce || !timestamp || !serial || !signature)
    throw signError(request, fields, 'Http头Authorization值格式错误');
  if (mchid !== keys.mchId) throw signError(request, fields, '商户号不存在');
  if (serial !== keys.merchantSerial) throw signError(request, fields, '商户证书序列号有误');
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > WINDOW_SECONDS) {
    throw signError(request, fields, 'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
  }
  const message = Buffer.concat([
    Buffer.from(`${request.method}\n${request.target}\n${timestamp}\n${nonce}\n`),
    request.body,
    Buffer.from('\n'),
  ]);
  if (!verify('sha256', message, keys.merchantPublicKey, Buffer.from(signature, 'base64'))) {
    throw signError(request, fields, '签名错误，请检查后再试');
  }
}

function authorizationFields(authorization: string): Readonly<Record<string, string | undefined>> {
  if (!authorization.startsWith(SCHEME)) return {};
  const fields = authorization.slice(SCHEME.length).matchAll(/(\w+)="([^"]*)"/g);
  return Object.fromEntries(Array.from(fields, ([, name, value]) => [name, value]));
}

function signError(
  request: SimRequest,
  fields: Readonly<Record<string, string | undefined>>,
  message: string,
): PayRefusal {
  return new PayRefusal(401, 'SIGN_ERROR', message, {
    field: 'signature',
    issue: 'sign not match',
    location: 'authorization',
    sign_information: {
      method: request.method,
      url: request.target,
      truncated_sign_message: `${request.method}\n${request.target}\n${fields['timestamp'] ?? ''}\n${fields['nonce_str'] ?? ''}\n${request.body
        .toString('utf8')
        .slice(0, 16)}\n`,
      sign_message_length: request.body.length,
    },
  });
}
