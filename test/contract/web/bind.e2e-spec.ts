import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { freshPhone, grant, PASSWORD, WEB_ENV, WebClient } from '../../support/web.js';

describeMall('web: POST /account/bind (beyond the document)', { env: WEB_ENV }, ({ app, mall }) => {
  let names = 0;

  /** A user who signed in by WeChat on the web wire, and his code. */
  async function wechatUser(): Promise<{ client: WebClient; id: number; code: string }> {
    names += 1;
    const code = `demo-bind-${names}`;
    const client = new WebClient(app);
    const reply = await client.get('/account/signin', { code });
    return { client, id: Number(reply.body.data.id), code };
  }

  const signin = (code: string) => new WebClient(app).get('/account/signin', { code });
  const login = (phone: string) => new WebClient(app).post('/account/login', { phone, password: PASSWORD });

  it('leaves a phone account and a WeChat account two until it is asked', async () => {
    const phoneUser = await WebClient.signUp(app);
    const { id } = await wechatUser();
    expect(id).not.toBe(phoneUser.userId);
  });

  it('adds a WeChat login that nobody has yet', async () => {
    const client = await WebClient.signUp(app);
    const reply = await client.post('/account/bind', { code: 'demo-bind-nobody' });
    expect(reply.body).toMatchObject({ code: 0, data: { id: client.userId } });
    expect((await signin('demo-bind-nobody')).body.data.id).toBe(client.userId);
  });

  it('moves the WeChat login of an empty account here and disables that account', async () => {
    const client = await WebClient.signUp(app);
    const other = await wechatUser();
    expect((await client.post('/account/bind', { code: other.code })).body.code).toBe(0);
    expect((await signin(other.code)).body.data.id).toBe(client.userId);
    expect((await other.client.get('/user')).body.code).toBe(10003);
    const [row] = await app.rows<{ permission: number }>('SELECT permission FROM users WHERE id = ?', [other.id]);
    expect(row?.permission).toBe(0);
    expect((await client.post('/account/bind', { code: other.code })).body.code).toBe(0);
  });

  it('moves phone and password of an empty account here and disables that account', async () => {
    const { client, id } = await wechatUser();
    const other = await WebClient.signUp(app);
    const reply = await client.post('/account/bind', { phone: other.phone, password: PASSWORD });
    expect(reply.body).toMatchObject({ code: 0, data: { id, phone: Number(other.phone) } });
    expect((await login(other.phone)).body.data.id).toBe(id);
    expect((await other.get('/user')).body.code).toBe(10003);
    expect((await client.get('/user')).body.code).toBe(0);
  });

  it('makes one account of two that have both bound the other half', async () => {
    const client = await WebClient.signUp(app);
    const wechat = await wechatUser();
    await client.post('/account/bind', { code: wechat.code });
    const { body } = await signin(wechat.code);
    expect(body.data).toMatchObject({ id: client.userId, phone: Number(client.phone) });
  });

  it('answers 10002 for a wrong password and for an unknown phone, and counts them for the lock-out', async () => {
    const { client } = await wechatUser();
    const other = await WebClient.signUp(app);
    for (let n = 0; n < 6; n += 1) {
      const phone = n === 0 ? freshPhone() : other.phone;
      expect((await client.post('/account/bind', { phone, password: 'wrong password' })).body.code).toBe(10002);
    }
    expect((await client.post('/account/bind', { phone: other.phone, password: PASSWORD })).body.code).toBe(10001);
    expect((await other.get('/user')).body.code).toBe(0);
  });

  it('answers 10001 when this account has a login of that kind already, and changes nothing', async () => {
    const phoneUser = await WebClient.signUp(app);
    const otherPhone = await WebClient.signUp(app);
    const { client, code } = await wechatUser();
    const otherWechat = await wechatUser();
    expect((await phoneUser.post('/account/bind', { phone: otherPhone.phone, password: PASSWORD })).body.code).toBe(
      10001,
    );
    expect((await client.post('/account/bind', { code: otherWechat.code })).body.code).toBe(10001);
    for (const user of [phoneUser, otherPhone, client, otherWechat.client])
      expect((await user.get('/user')).body.code).toBe(0);
    expect((await signin(code)).body.code).toBe(0);
  });

  it('moves no login out of a disabled account', async () => {
    const banned = await wechatUser();
    const bannedPhone = await WebClient.signUp(app);
    await app.tamper('UPDATE users SET permission = 0 WHERE id IN (?, ?)', [banned.id, bannedPhone.userId]);
    const client = await WebClient.signUp(app);
    expect((await client.post('/account/bind', { code: banned.code })).body.code).toBe(10001);
    const { client: fresh } = await wechatUser();
    expect((await fresh.post('/account/bind', { phone: bannedPhone.phone, password: PASSWORD })).body.code).toBe(10001);
    expect((await signin(banned.code)).body.code).toBe(10001);
  });

  it('answers 10001 when the other account has an order, a product or a ledger entry, and changes nothing', async () => {
    const merchant = await app.login('bind-merchant', 3);
    const product = await mall.product(merchant);
    const buyer = await app.login('bind-buyer');
    await mall.order(buyer, [product]);
    const granted = await app.login('bind-granted');
    await grant(app, granted.id, 'COUPON', 1);
    for (const name of ['merchant', 'buyer', 'granted']) {
      const client = await WebClient.signUp(app);
      expect((await client.post('/account/bind', { code: `demo-bind-${name}` })).body.code).toBe(10001);
      expect((await client.get('/user')).body.code).toBe(0);
    }
    for (const { token } of [merchant, buyer, granted]) expect((await app.get('/user', {}, token)).body.code).toBe(0);
    const rich = await WebClient.signUp(app);
    await grant(app, rich.userId, 'CNY', 1);
    const { client } = await wechatUser();
    expect((await client.post('/account/bind', { phone: rich.phone, password: PASSWORD })).body.code).toBe(10001);
    expect((await login(rich.phone)).body.data.id).toBe(rich.userId);
  });

  it('answers 10001 while a recharge of the other account may still be paid', async () => {
    const root = await app.login('bind-items', 7);
    const item = { name: 'x', money: 1, charge: 0, description: '' };
    const reply = await app.post('/api/v1/rechargeItem/add', item, root.token).expect(200);
    const other = await wechatUser();
    expect((await other.client.post('/payment_order', { item_id: reply.body.data.id })).body.code).toBe(0);
    const client = await WebClient.signUp(app);
    expect((await client.post('/account/bind', { code: other.code })).body.code).toBe(10001);
    await app.tamper('UPDATE users SET permission = 1 WHERE id = ?', [root.id]);
  });

  it('leaves the mall its last root', async () => {
    const root = await app.login('bind-root', 7);
    const client = await WebClient.signUp(app);
    expect((await client.post('/account/bind', { code: 'demo-bind-root' })).body.code).toBe(10001);
    expect((await app.get('/user', {}, root.token)).body.data.id).toBe(root.id);
  });

  it('refuses neither code nor phone, half a pair, and a caller without login', async () => {
    const client = await WebClient.signUp(app);
    for (const body of [
      {},
      { phone: freshPhone() },
      { password: PASSWORD },
      { code: '' },
      { code: 'no-such-code' },
      { code: ['demo-x'] },
    ]) {
      expect((await client.post('/account/bind', body)).body.code).toBe(10005);
    }
    expect((await new WebClient(app).post('/account/bind', { code: 'demo-bind-nologin' })).body.code).toBe(10003);
  });

  it('joins two accounts once under 10 parallel requests', async () => {
    const client = await WebClient.signUp(app);
    const other = await wechatUser();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => client.post('/account/bind', { code: other.code })),
    );
    expect(replies.some((reply) => reply.body.code === 0)).toBe(true);
    expect(replies.every((reply) => [0, 10001].includes(Number(reply.body.code)))).toBe(true);
    expect((await signin(other.code)).body.data.id).toBe(client.userId);
  });
});
