import { expect, it } from '@jest/globals';
import { describeMall } from '../support/stage.js';

declare const testDatabase: 'sqlite' | 'mysql';

describeMall('while the database drops connections', { env: { DATABASE_POOL_SIZE: '6' } }, ({ app, loggedIn }) => {
  const user = loggedIn('outage');

  async function hangUp(): Promise<void> {
    const own = await app.rows<{ id: number }>(
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
    );
    for (const { id } of own) await app.rows(`KILL CONNECTION ${id}`).catch(() => undefined);
  }

  if (testDatabase === 'sqlite') {
    it('has none to drop: the embedded database lives in this process', () => {
      expect(app.database.kind).toBe('sqlite');
    });
    return;
  }

  it('reads and writes go on over new connections, with no error for the caller', async () => {
    for (let round = 0; round < 5; round += 1) {
      await hangUp();
      const address = { name: `n${round}`, address: 'a', phoneNumber: '1' };
      const replies = await Promise.all([
        app.get('/api/v1/user/profile', {}, user.token),
        app.post('/api/v1/address/addAddress', address, user.token),
      ]);
      expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    }
    const { body } = await app.get('/api/v1/address/address', {}, user.token);
    expect((body as { data: { address: unknown[] } }).data.address).toHaveLength(5);
  });
});
