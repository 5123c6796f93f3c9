import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { insertedId } from '../../database/repositories.js';
import { Transactions, type Tx } from '../../database/transactions.js';
import { Address, AddressBook } from './address.entity.js';

export type AddressText = Pick<Address, 'name' | 'address' | 'phone'>;

/** Addresses one user may keep (docs/wires.md, api-v1, addresses). */
const MAX_ADDRESSES = 100;

/** A user's shipping addresses. The owner stands in every WHERE: another's address is one that is not there. */
@Injectable()
export class AddressesService {
  constructor(
    @InjectRepository(Address) private readonly addresses: Repository<Address>,
    @InjectRepository(AddressBook) private readonly books: Repository<AddressBook>,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** All of them, in id order. */
  list(userId: number): Promise<Address[]> {
    return this.addresses.find({ where: { userId }, order: { id: 'ASC' } });
  }

  async findDefault(userId: number): Promise<number | null> {
    return (await this.books.findOneBy({ userId }))?.defaultAddressId ?? null;
  }

  /** The first address becomes the default. @throws DomainError `conflict` beyond 100 addresses */
  async add(userId: number, text: AddressText): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.lockBook(tx, userId);
      const count = await tx.manager.countBy(Address, { userId });
      if (count >= MAX_ADDRESSES) throw new DomainError('conflict', `at most ${MAX_ADDRESSES} addresses`);
      const now = this.clock.now();
      const id = insertedId(await tx.manager.insert(Address, { userId, ...text, createdAt: now, updatedAt: now }));
      if (count === 0) await this.setDefault(tx, userId, id);
    });
  }

  /** @throws DomainError `not_found` */
  async modify(userId: number, id: number, text: AddressText): Promise<void> {
    const change = { ...text, updatedAt: this.clock.now() };
    const { affected } = await this.transactions.run((tx) => tx.manager.update(Address, { id, userId }, change));
    if (affected === 0) throw notFound('address');
  }

  /** Deleting the default leaves the user without one. @throws DomainError `not_found` */
  async remove(userId: number, id: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { defaultAddressId } = await this.lockBook(tx, userId);
      const { affected } = await tx.manager.delete(Address, { id, userId });
      if (affected === 0) throw notFound('address');
      if (defaultAddressId === id) await this.setDefault(tx, userId, null);
    });
  }

  /** @throws DomainError `not_found` */
  async chooseDefault(userId: number, id: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.lockBook(tx, userId);
      if (!(await tx.manager.existsBy(Address, { id, userId }))) throw notFound('address');
      await this.setDefault(tx, userId, id);
    });
  }

  private async setDefault(tx: Tx, userId: number, defaultAddressId: number | null): Promise<void> {
    await tx.manager.update(AddressBook, { userId }, { defaultAddressId });
  }

  /** Serialises what changes the number of addresses or the default of one user. */
  private async lockBook(tx: Tx, userId: number): Promise<AddressBook> {
    await tx.manager.upsert(AddressBook, { userId }, ['userId']);
    return tx.manager.findOneOrFail(AddressBook, { where: { userId }, lock: tx.rowLock });
  }
}
