import { beforeEach, describe, expect, it } from '@jest/globals';
import { refused, succeeded } from '../../support/api-v1.js';
import { describeMall } from '../../support/stage.js';
import { refusesParameters, refusesStrangers, wrong } from '../../support/refusals.js';

const HOME = { name: '小明', address: '广东省深圳市南山区', phoneNumber: '18089876534' };
const BAD_TEXTS = {
  name: wrong.text(0, 64),
  address: wrong.text(0, 255),
  phoneNumber: wrong.text(0, 32),
};

describeMall('addresses of a buyer', ({ app }) => {
  let token: string;
  let buyers = 0;

  beforeEach(async () => {
    ({ token } = await app.login(`buyer${(buyers += 1)}`));
  });

  const send = (route: string, body: object, by = token) => app.post(`/api/v1/address/${route}`, body, by);
  const list = async (by = token) =>
    succeeded(await app.get('/api/v1/address/address', {}, by))['address'] as { addressId: number }[];
  const defaultId = async (by = token) => succeeded(await app.get('/api/v1/address/default', {}, by))['address_id'];
  const addMany = async (count: number) => {
    for (let i = 0; i < count; i += 1) succeeded(await send('addAddress', HOME));
    return (await list()).map(({ addressId }) => addressId);
  };

  it('starts without an address and with default 0', async () => {
    expect(await list()).toEqual([]);
    expect(await defaultId()).toBe(0);
  });

  it('adds an address, answers data {} and lists it with the documented keys', async () => {
    expect(succeeded(await send('addAddress', HOME))).toEqual({});
    expect(await list()).toEqual([{ addressId: expect.any(Number), ...HOME }]);
  });

  it("takes the document's own example with empty texts", async () => {
    succeeded(await send('addAddress', { name: '', address: '', phoneNumber: '' }));
    expect(await list()).toMatchObject([{ name: '', address: '', phoneNumber: '' }]);
  });

  it('reads a urlencoded form and the query alike', async () => {
    succeeded(await app.post('/api/v1/address/addAddress', {}, token).type('form').send(HOME));
    succeeded(await app.post('/api/v1/address/addAddress', {}, token).query(HOME));
    expect(await list()).toHaveLength(2);
  });

  it('keeps texts as they are: spaces at the edges, emoji, markup', async () => {
    const odd = { name: '  🐖 <b>x</b> ', address: "'; DROP TABLE users; --", phoneNumber: ' +86 (755) ' };
    succeeded(await send('addAddress', odd));
    expect(await list()).toMatchObject([odd]);
  });

  it('counts characters, not bytes or UTF-16 units', async () => {
    const longest = { name: '🐖'.repeat(64), address: '址'.repeat(255), phoneNumber: '1'.repeat(32) };
    succeeded(await send('addAddress', longest));
    expect(await list()).toMatchObject([longest]);
  });

  it('lists in the order of their ids, whole, whatever paging is asked for', async () => {
    const ids = await addMany(12);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const paged = await app.get('/api/v1/address/address', { from: 3, length: 2 }, token);
    expect(succeeded(paged)['address']).toHaveLength(12);
  });

  it('makes the first address the default and leaves it when more are added', async () => {
    const [first] = await addMany(3);
    expect(await defaultId()).toBe(first);
  });

  it('moves the default', async () => {
    const ids = await addMany(3);
    expect(succeeded(await send('modifyDefault', { address_id: ids[2] }))).toEqual({});
    expect(await defaultId()).toBe(ids[2]);
    succeeded(await send('modifyDefault', { address_id: String(ids[1]) }));
    expect(await defaultId()).toBe(ids[1]);
  });

  it('clears the default when it is deleted, and takes the next first address as default again', async () => {
    const [only] = await addMany(1);
    expect(succeeded(await send('deleteAddress', { addressId: only }))).toEqual({});
    expect(await defaultId()).toBe(0);
    const [again] = await addMany(1);
    expect(await defaultId()).toBe(again);
  });

  it('picks no other default when the default of several is deleted', async () => {
    const ids = await addMany(2);
    succeeded(await send('deleteAddress', { addressId: ids[0] }));
    await addMany(1);
    expect(await defaultId()).toBe(0);
  });

  it('keeps the default when another address is deleted', async () => {
    const ids = await addMany(2);
    succeeded(await send('deleteAddress', { addressId: ids[1] }));
    expect(await defaultId()).toBe(ids[0]);
    expect(await list()).toHaveLength(1);
  });

  it('modifies all three texts', async () => {
    const [id] = await addMany(1);
    const office = { name: '李雷', address: '北京市海淀区', phoneNumber: '13800138000' };
    expect(succeeded(await send('modifyAddress', { addressId: id, ...office }))).toEqual({});
    expect(await list()).toEqual([{ addressId: id, ...office }]);
    succeeded(await send('modifyAddress', { addressId: id, ...office }));
  });

  it('ignores fields that are not asked for: no id, no owner', async () => {
    const stranger = await app.login('stranger');
    succeeded(await send('addAddress', { ...HOME, id: 1, addressId: 1, userId: stranger.id, user_id: stranger.id }));
    expect(await list(stranger.token)).toEqual([]);
    expect(await list()).toHaveLength(1);
  });

  it('refuses the 101st address and takes one again after a deletion', async () => {
    const ids = await addMany(100);
    refused(await send('addAddress', HOME), 409);
    expect(await list()).toHaveLength(100);
    succeeded(await send('deleteAddress', { addressId: ids[50] }));
    succeeded(await send('addAddress', HOME));
  });

  it('keeps one default and the limit when many are added at once', async () => {
    const replies = await Promise.all(Array.from({ length: 110 }, () => send('addAddress', HOME)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(10);
    expect(await list()).toHaveLength(100);
    expect((await list()).map(({ addressId }) => addressId)).toContain(await defaultId());
  });

  it('leaves no default that was deleted meanwhile', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ids = await addMany(2);
      await Promise.all([
        send('modifyDefault', { address_id: ids.at(-1) }),
        send('deleteAddress', { addressId: ids.at(-1) }),
      ]);
      expect([0, ...(await list()).map(({ addressId }) => addressId)]).toContain(await defaultId());
    }
  });

  describe("another's address", () => {
    it('is not found, like one that does not exist, and stays as it was', async () => {
      const [id] = await addMany(1);
      const thief = (await app.login('thief')).token;
      for (const addressId of [id, 999_999]) {
        const infos = [
          refused(await send('modifyAddress', { addressId, ...HOME, name: 'x' }, thief), 404),
          refused(await send('deleteAddress', { addressId }, thief), 404),
          refused(await send('modifyDefault', { address_id: addressId }, thief), 404),
        ];
        expect(new Set(infos)).toEqual(new Set(['address not found']));
      }
      expect(await list()).toMatchObject([HOME]);
      expect(await defaultId()).toBe(id);
      expect(await defaultId(thief)).toBe(0);
      expect(await list(thief)).toEqual([]);
    });

    it('is deleted only once', async () => {
      const [id] = await addMany(1);
      const replies = await Promise.all(Array.from({ length: 5 }, () => send('deleteAddress', { addressId: id })));
      expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 404, 404, 404, 404]);
    });
  });

  describe('refusals', () => {
    it('names every missing or wrong text of addAddress', async () => {
      await refusesParameters((body) => send('addAddress', body), HOME, BAD_TEXTS);
      expect(await list()).toEqual([]);
    });

    it('names every missing or wrong parameter of modifyAddress, and changes nothing', async () => {
      const [addressId] = await addMany(1);
      const good = { addressId, ...HOME };
      await refusesParameters((body) => send('modifyAddress', body), good, { ...BAD_TEXTS, addressId: wrong.id });
      expect(await list()).toEqual([good]);
    });

    it('names a missing or wrong id of deleteAddress and modifyDefault', async () => {
      const [id] = await addMany(1);
      await refusesParameters((body) => send('deleteAddress', body), { addressId: id }, { addressId: wrong.id });
      await refusesParameters((body) => send('modifyDefault', body), { address_id: id }, { address_id: wrong.id });
      refused(await send('modifyDefault', { addressId: id }), 400);
      expect(await defaultId()).toBe(id);
    });

    it.each(['addAddress', 'modifyAddress', 'deleteAddress', 'modifyDefault'])(
      'asks for a login before it looks at parameters: %s',
      (route) => refusesStrangers(() => app.post(`/api/v1/address/${route}`, {})),
    );

    it.each(['address', 'default'])('asks for a login: %s', (route) =>
      refusesStrangers(() => app.get(`/api/v1/address/${route}`)),
    );

    it('knows no other method', async () => {
      refused(await app.get('/api/v1/address/addAddress', HOME, token), 404);
      refused(await send('address', {}), 404);
    });
  });
});
