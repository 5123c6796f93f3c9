import { beforeAll, describe, expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { TestClock } from '../../support/clock.js';
import { encode, LinkvClient, type OpenReply, type Values } from '../../support/linkv-client.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../../support/open.js';

const CHANGE = '/open/finanv0/changeGold';
const ORDER = '/open/finanv0/orderSuccess';
const TOKENS = '/open/finanv0/getUserTokens';
const TOKEN = '/open/v0/thGetToken';

const clock = new TestClock();

describeMall('open: request and sign', { clock }, ({ app }) => {
  const partner = partnerOf(app, clock);
  let uid: string;

  beforeAll(async () => {
    uid = await partner.openId();
    accepted(await partner.changeGold(uid, 1, 100));
  });

  const change = (values: Values = {}): Values => ({
    uid,
    request_id: partner.requestId(),
    type: 1,
    value: 7,
    expriation: partner.expriation(),
    ...values,
  });
  const signed = (values: Values = {}): Values => partner.signed(change(values));
  const post = (values: Values): Promise<OpenReply> => partner.raw('POST', CHANGE, encode(values));
  const nothingMoved = () => expectCoins(app, partner, uid, 100);

  describe('refuses, with HTTP 200 and nothing moved:', () => {
    it.each<[string, '400' | '403', () => Values]>([
      ['no sign', '400', () => ({ app_id: partner.access.appId, nonce_str: partner.nonce(), ...change() })],
      ['an empty sign', '400', () => signed({ sign: '' })],
      ['no nonce_str', '400', () => ({ app_id: partner.access.appId, sign: 'x', ...change() })],
      ['an empty nonce_str', '400', () => signed({ nonce_str: '' })],
      ['no app_id', '400', () => ({ nonce_str: partner.nonce(), sign: 'x', ...change() })],
      ['a wrong sign', '403', () => signed({ sign: '0'.repeat(32) })],
      ['a sign of another length', '403', () => signed({ sign: 'abc' })],
      ['the sign of other parameters', '403', () => ({ ...signed(), sign: partner.sign(change()) })],
      [
        'another secret',
        '403',
        () => new LinkvClient({ url: '' }, { ...partner.access, secret: 'x'.repeat(32) }, clock).signed(change()),
      ],
      [
        'no secret at all',
        '403',
        () => new LinkvClient({ url: '' }, { ...partner.access, secret: '' }, clock).signed(change()),
      ],
      ['an upper-case digest', '403', () => upperCaseSign(signed())],
      ['one changed value', '403', () => ({ ...signed(), value: 8 })],
      ['one value less', '403', () => without(signed({ reason: 'gift' }), 'reason')],
      ['an unsigned extra parameter', '403', () => ({ ...signed(), extra: 'x' })],
      ['an upper-cased name', '403', () => renamed(signed(), 'value', 'VALUE')],
      ['an unknown app', '403', () => signed({ app_id: 'LM0' })],
      ['the app id in lower case', '403', () => signed({ app_id: partner.access.appId.toLowerCase() })],
      ['the app id with a space behind', '403', () => signed({ app_id: `${partner.access.appId} ` })],
      ['a nonce of 301 s ago', '403', () => signed({ nonce_str: partner.nonce(partner.seconds - 301) })],
      ['a nonce 301 s ahead', '403', () => signed({ nonce_str: partner.nonce(partner.seconds + 301) })],
      ['a nonce of letters', '403', () => signed({ nonce_str: 'abcdefghabcdefghijabcdefgh' })],
      ['a nonce of 23 characters', '403', () => signed({ nonce_str: partner.nonce().slice(3) })],
    ])('%s', async (_name, status, values) => {
      refusedOpen(await post(values()), status);
      await nothingMoved();
    });
  });

  it('says sign err in the words of the document', async () => {
    const reply = await post(signed({ sign: '0'.repeat(32) }));
    expect(JSON.parse(reply.text)).toEqual({ status: '403', msg: 'sign err' });
  });

  it.each<[string, '400' | '403', () => Values]>([
    ['what is missing before the app', '400', () => without(signed({ app_id: 'LM0' }), 'sign')],
    ['the app before the nonce', '403', () => signed({ app_id: 'LM0', nonce_str: 'x' })],
    ['the nonce before the sign', '403', () => signed({ nonce_str: 'x', sign: 'x' })],
    ['the sign before the fields', '403', () => signed({ value: 'x', sign: 'x' })],
    ['the fields last', '400', () => signed({ value: 'x' })],
  ])('judges %s', async (_, status, values) => {
    refusedOpen(await post(values()), status);
  });

  it('takes a nonce 300 s off on either side, and one that was seen before', async () => {
    for (const seconds of [partner.seconds - 300, partner.seconds + 300]) {
      const values = { uid, nonce_str: partner.nonce(seconds) };
      accepted(await partner.getUserTokens(uid, values));
      accepted(await partner.getUserTokens(uid, values));
    }
  });

  describe('where parameters stand', () => {
    const values = () => partner.signed({ uid });

    it('reads the query, the form, and both together', async () => {
      const { sign, ...rest } = values();
      const whole = encode({ ...rest, sign });
      accepted(await partner.raw('POST', TOKENS, whole));
      accepted(await partner.raw('POST', `${TOKENS}?${whole}`));
      accepted(await partner.raw('POST', `${TOKENS}?${encode(rest)}`, encode({ sign })));
      accepted(await partner.raw('GET', `${TOKENS}?${whole}`));
      accepted(await partner.raw('POST', `${TOKENS}?${whole}`, '', 'application/json'));
    });

    it('signs what is known and what is not, raw: neither encoded nor trimmed', async () => {
      accepted(await partner.getUserTokens(uid, { zzz: ' a+b%20&c=d ü 金币 ', A: '[]' }));
      accepted(await partner.getUserTokens(uid, { __proto__x: '1', constructor: 'x', hasOwnProperty: 'y' }));
      accepted(await partner.raw('GET', `${TOKENS}?${encode(partner.signed({ uid, ['__proto__']: 'x' }))}`));
    });

    it.each<[string, () => Promise<OpenReply>]>([
      ['a name twice in the query', () => partner.raw('GET', `${TOKENS}?${encode(values())}&uid=${uid}`)],
      ['a name twice in the form', () => partner.raw('POST', TOKENS, `${encode(values())}&uid=${uid}`)],
      ['an unknown name twice', () => partner.raw('POST', TOKENS, `${encode(values())}&x=1&x=1`)],
      ['a name in the query and in the form', () => partner.raw('POST', `${TOKENS}?uid=${uid}`, encode(values()))],
      ['a list', () => partner.raw('POST', TOKENS, encode(partner.signed({ 'uid[]': uid })))],
      ['an indexed list', () => partner.raw('POST', TOKENS, encode(partner.signed({ 'uid[0]': uid })))],
      [
        'a name that spells two parameters',
        () => partner.raw('POST', TOKENS, encode(partner.signed({ 'a=1&uid': uid }))),
      ],
      ['an empty name', () => partner.raw('POST', TOKENS, `${encode(values())}&=1`)],
      ['a JSON body', () => partner.raw('POST', TOKENS, JSON.stringify(values()), 'application/json')],
      [
        'a JSON body beside a good query',
        () => partner.raw('POST', `${TOKENS}?${encode(values())}`, '{}', 'application/json'),
      ],
      ['broken JSON', () => partner.raw('POST', TOKENS, '{', 'application/json')],
      ['plain text', () => partner.raw('POST', TOKENS, encode(values()), 'text/plain')],
      ['multipart', () => partner.raw('POST', TOKENS, '--x--', 'multipart/form-data; boundary=x')],
      ['a form of two megabytes', () => partner.raw('POST', TOKENS, `x=${'y'.repeat(2_000_000)}`)],
      ['two thousand parameters', () => partner.raw('POST', TOKENS, encode(Object.fromEntries(many(2000))))],
    ])('refuses %s', async (_, send) => {
      refusedOpen(await send(), '400');
    });
  });

  it.each([CHANGE, ORDER, TOKEN])('refuses GET %s', async (path) => {
    const reply = await partner.raw('GET', `${path}?${encode(signed())}`);
    expect([reply.http, reply.status]).toEqual([200, '400']);
    await nothingMoved();
  });

  it('refuses unknown paths in its own words, and takes a path in another letter case', async () => {
    refusedOpen(await partner.raw('GET', '/open'), '400');
    refusedOpen(await partner.raw('POST', '/OPEN/nothing', ''), '400');
    accepted(await partner.raw('POST', TOKENS.toUpperCase(), encode(partner.signed({ uid }))));
    refusedOpen(await partner.raw('POST', TOKENS.toUpperCase(), encode(partner.signed({ uid, sign: 'x' }))), '403');
  });

  it.each<[string, string, () => Promise<OpenReply>]>([
    ['missing parameters', '400', () => partner.raw('POST', TOKEN, '')],
    ['a wrong sign', '403', () => partner.thGetToken({ sign: 'x' })],
    ['an unknown app', '403', () => partner.thGetToken({ app_id: 'LM0' })],
    ['a wrong field', '400', () => partner.thGetToken({ userId: 'a b' })],
    ['another method', '400', () => partner.raw('GET', TOKEN)],
    ['a JSON body', '400', () => partner.raw('POST', TOKEN, '{}', 'application/json')],
    ['another letter case', '400', () => partner.raw('POST', `${TOKEN.toLowerCase()}/`, '')],
  ])('answers data: [] on thGetToken for %s', async (_, status, send) => {
    const { http, text } = await send();
    expect({ http, ...(JSON.parse(text) as object) }).toEqual({
      http: 200,
      status,
      msg: expect.stringMatching(/./),
      data: [],
    });
  });

  describe('the quirks of the SDKs', () => {
    it('takes a signature with zeros left out, but not the zeros', async () => {
      const node = partner.as('node');
      accepted(await node.getUserTokens(uid, { extra: 0 }));
      expect(refusedOpen(await node.orderSuccess(uid, 1, 5, { money: 0 }), '400')).toContain('money');
      expect(refusedOpen(await node.changeGold(uid, 1, 0), '400')).toContain('value');
      await nothingMoved();
    });

    it('takes a signed zero', async () => {
      const other = await partner.openId();
      expect(accepted(await partner.orderSuccess(other, 1, 5, { money: 0 }))).toEqual({
        tokens: '5',
        livemeTokens: '5',
      });
    });

    it('takes a signature with empty values kept, but not the empty values', async () => {
      const go = partner.as('go');
      accepted(await go.getUserTokens(uid, { extra: '' }));
      expect(refusedOpen(await go.changeGold(uid, 1, ''), '400')).toContain('value');
      await nothingMoved();
    });

    it('refuses a zero or an empty value that was added to a signed request', async () => {
      refusedOpen(await post({ ...without(signed(), 'value'), value: 0 }), '403');
      const { sign, ...rest } = partner.signed(without(change(), 'value'));
      expect(refusedOpen(await post({ ...rest, value: 0, sign }), '400')).toContain('value');
      expect(refusedOpen(await post({ ...rest, value: '', sign }), '400')).toContain('value');
      await nothingMoved();
    });
  });
});

function without(values: Values, name: string): Values {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}

function renamed(values: Values, from: string, to: string): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key === from ? to : key, value]));
}

function upperCaseSign(values: Values): Values {
  return { ...values, sign: String(values['sign']).toUpperCase() };
}

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`p${index}`, '1']);
}
