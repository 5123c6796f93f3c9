import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError, notFound } from '../../common/domain-error.js';
import { Database } from '../../database/database.js';
import { Transactions, type Tx } from '../../database/transactions.js';

export interface AddressText {
  readonly name: string;
  readonly address: string;
  readonly phone: string;
}

export interface StoredAddress extends AddressText {
  readonly id: number;
}

interface Book {
  readonly defaultId: number | null;
}

/** Addresses one user may keep (wires: api-v1, addresses). */
const MAX_ADDRESSES = 100;

/** A user's shipping addresses. The owner stands in every WHERE: another's address is one that is not there. */
@Injectable()
export class AddressesService {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** All of them, in id order. */
  async list(userId: number): Promise<StoredAddress[]> {
    return this.database.read<StoredAddress>(
      'SELECT id, name, address, phone FROM addresses WHERE user_id = ? ORDER BY id',
      [userId],
    );
  }

  async findDefault(userId: number): Promise<number | null> {
    const book = await this.database.readOne<Book>(
      'SELECT default_address_id AS defaultId FROM address_books WHERE user_id = ?',
      [userId],
    );
    return book?.defaultId ?? null;
  }

  /** The first address becomes the default. @throws DomainError `conflict` beyond 100 addresses */
  async add(userId: number, text: AddressText): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.lockBook(tx, userId);
      const counted = await tx.execute<{ count: number }>('SELECT COUNT(*) AS count FROM addresses WHERE user_id = ?', [
        userId,
      ]);
      const count = Number(counted.rows[0]?.count);
      if (count >= MAX_ADDRESSES) throw new DomainError('conflict', `at most ${MAX_ADDRESSES} addresses`);
      const now = this.clock.now();
      const [id] = await tx.insertMany(
        'addresses',
        ['user_id', 'name', 'address', 'phone', 'created_at', 'updated_at'],
        [[userId, text.name, text.address, text.phone, now, now]],
      );
      if (count === 0) await this.setDefault(tx, userId, id);
    });
  }

  /** @throws DomainError `not_found` */
  async modify(userId: number, id: number, text: AddressText): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.execute(
        'UPDATE addresses SET name = ?, address = ?, phone = ?, updated_at = ? WHERE id = ? AND user_id = ?',
        [text.name, text.address, text.phone, this.clock.now(), id, userId],
      );
      if (affected === 0) throw notFound('address');
    });
  }

  /** Deleting the default leaves the user without one. @throws DomainError `not_found` */
  async remove(userId: number, id: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { defaultId } = await this.lockBook(tx, userId);
      const { affected } = await tx.execute('DELETE FROM addresses WHERE id = ? AND user_id = ?', [id, userId]);
      if (affected === 0) throw notFound('address');
      if (Number(defaultId) === id) await this.setDefault(tx, userId, null);
    });
  }

  /** @throws DomainError `not_found` */
  async chooseDefault(userId: number, id: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.lockBook(tx, userId);
      const { rows } = await tx.execute('SELECT id FROM addresses WHERE id = ? AND user_id = ?', [id, userId]);
      if (rows.length === 0) throw notFound('address');
      await this.setDefault(tx, userId, id);
    });
  }

  private async setDefault(tx: Tx, userId: number, id: number | null): Promise<void> {
    await tx.execute('UPDATE address_books SET default_address_id = ? WHERE user_id = ?', [id, userId]);
  }

  /** Serialises what changes the number of addresses or the default of one user. */
  private async lockBook(tx: Tx, userId: number): Promise<Book> {
    const sql = `SELECT default_address_id AS defaultId FROM address_books WHERE user_id = ?${tx.sql.forUpdate}`;
    const known = (await tx.execute<Book>(sql, [userId])).rows[0];
    if (known) return known;
    await tx.execute(`${tx.sql.insertIgnore} INTO address_books (user_id, default_address_id) VALUES (?, NULL)`, [
      userId,
    ]);
    return (await tx.execute<Book>(sql, [userId])).rows[0];
  }
}
