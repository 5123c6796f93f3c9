import { createHash, randomUUID } from 'node:crypto';
import { provesCleanBooks } from './cast.js';
import type { Mall } from './mall.js';
import { chapter, proves, step } from './story.js';

/** The partner's credentials, given to the server by its environment. */
export interface Partner {
  readonly appId: string;
  readonly secret: string;
  readonly channel: string;
}

interface OpenReply {
  readonly status: string;
  readonly msg: string;
  readonly data: Record<string, string>;
}

/** A partner's server buys, spends and asks for coins, signed as LinkV's document says. */
export async function theCoinWallet(mall: Mall, partner: Partner): Promise<void> {
  chapter('The coin wallet (open)');
  const send = (path: string, values: Record<string, string>) => signedPost(mall, partner, path, values);

  const openId = await step('A partner registers its user and gets an openId and a token', async () => {
    const user = { userId: '534961119', aid: 'device-1', name: '小红', portraitUri: 'https://a.example/1.png' };
    const { status, data } = await send('/open/v0/thGetToken', user);
    proves('the answer', [status, data['userId']], ['200', '534961119']);
    return data['openId'];
  });
  const expriation = String(Math.floor(Date.now() / 86_400_000 + 91) * 86_400);

  await step('A recharge completes: 500 coins', async () => {
    const order = { type: '1', value: '500', order_id: 'demo-order-1', money: '499', platform: 'h5' };
    const fields = { ...order, uid: openId, request_id: randomUUID(), expriation, channel: partner.channel };
    const { status, data } = await send('/open/finanv0/orderSuccess', fields);
    proves('the coins', [status, data['tokens']], ['200', '500']);
  });
  await step('200 coins are spent; the SDK sends it three times, it happens once', async () => {
    const change = { uid: openId, request_id: randomUUID(), type: '2', value: '200', expriation, reason: 'gift' };
    const replies = [1, 2, 3].map(() => send('/open/finanv0/changeGold', change));
    for (const { status } of await Promise.all(replies)) proves('the answer', status, '200');
  });
  await step('300 coins are left, and the audit finds nothing', async () => {
    const { data } = await send('/open/finanv0/getUserTokens', { uid: openId });
    proves('the coins', data['tokens'], '300');
    await provesCleanBooks(mall);
  });
  await step('A wrong signature moves nothing', async () => {
    const forged = { ...partner, secret: 'not-the-secret' };
    const { status } = await signedPost(mall, forged, '/open/finanv0/getUserTokens', { uid: openId });
    proves('the refusal', status, '403');
  });
}

async function signedPost(mall: Mall, partner: Partner, path: string, values: Record<string, string>) {
  const nonce_str = `abcdefgh${Math.floor(Date.now() / 1000)}ijklmnop`;
  const fields: Record<string, string> = { app_id: partner.appId, nonce_str, ...values };
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  const sign = createHash('md5').update(`${text}&key=${partner.secret}`).digest('hex');
  const reply = await mall.post(path, { form: { ...fields, sign } });
  proves('HTTP', [reply.status, reply.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
  return reply.body as OpenReply;
}
