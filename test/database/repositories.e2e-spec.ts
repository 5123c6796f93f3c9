import { beforeAll, expect, it } from '@jest/globals';
import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Transactions } from '../../src/database/transactions.js';
import { Address } from '../../src/modules/addresses/address.entity.js';
import { describeMall } from '../support/stage.js';

const ADDRESS = { name: '小明', address: '深圳', phone: '1', createdAt: 1, updatedAt: 1 };

describeMall('a repository', ({ app }) => {
  let addresses: Repository<Address>;
  let transactions: Transactions;

  beforeAll(async () => {
    addresses = app.app.get<Repository<Address>>(getRepositoryToken(Address));
    transactions = app.app.get(Transactions);
  });

  it('never sees half a transaction', async () => {
    await transactions.run(async (tx) => {
      await tx.manager.insert(Address, { userId: 91, ...ADDRESS });
      expect(await addresses.countBy({ userId: 91 })).toBe(0);
      expect(await tx.manager.countBy(Address, { userId: 91 })).toBe(1);
    });
    expect(await addresses.countBy({ userId: 91 })).toBe(1);
  });

  it('shares its transaction with prepared statements: both see each other, one roll-back undoes both', async () => {
    const work = transactions.run(async (tx) => {
      await tx.manager.insert(Address, { userId: 92, ...ADDRESS });
      const { affected } = await tx.execute('UPDATE addresses SET name = ? WHERE user_id = ?', ['statement', 92]);
      expect(affected).toBe(1);
      const [address] = await tx.manager.find(Address, { where: { userId: 92 }, lock: tx.rowLock });
      expect(address.name).toBe('statement');
      await tx.execute('UPDATE addresses SET name = ? WHERE user_id = ?', ['another', 91]);
      throw new Error('given up');
    });
    await expect(work).rejects.toThrow('given up');
    expect(await addresses.countBy({ userId: 92 })).toBe(0);
    expect(await addresses.findOneByOrFail({ userId: 91 })).toMatchObject({ name: '小明', createdAt: 1 });
  });

  it('cannot write outside a transaction on SQLite: its data source is read-only', async () => {
    const written = await addresses.insert({ userId: 93, ...ADDRESS }).then(
      () => true,
      () => false,
    );
    expect(written).toBe(app.database.kind === 'mysql');
  });

  it('counts rows that an update matched, changed or not', async () => {
    const touch = (): Promise<unknown> =>
      transactions.run(async (tx) => (await tx.manager.update(Address, { userId: 91 }, { name: 'same' })).affected);
    expect([await touch(), await touch()]).toEqual([1, 1]);
  });
});
