/** The texts that APIv3 signs: every line ends with a line feed, the last too. Source: APIv3 signature documents. */

export function requestMessage(method: string, target: string, timestamp: string, nonce: string, body: string): string {
  return `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`;
}

/** Over the raw bytes: a body that was parsed and written again has another signature. */
export function responseMessage(timestamp: string, nonce: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
}

/** For `wx.requestPayment`; `pack` is `prepay_id=…`. */
export function miniProgramMessage(appId: string, timeStamp: string, nonceStr: string, pack: string): string {
  return `${appId}\n${timeStamp}\n${nonceStr}\n${pack}\n`;
}

/** For the APP SDK; the prepay id stands alone. */
export function appMessage(appId: string, timestamp: string, nonce: string, prepayId: string): string {
  return `${appId}\n${timestamp}\n${nonce}\n${prepayId}\n`;
}

type AuthorizationField = 'mchId' | 'nonce' | 'timestamp' | 'serialNo' | 'signature';

export function authorization(fields: Readonly<Record<AuthorizationField, string>>): string {
  const { mchId, nonce, timestamp, serialNo, signature } = fields;
  return `WECHATPAY2-SHA256-RSA2048 mchid="${mchId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serialNo}",signature="${signature}"`;
}
