import { Check, Entity, Index } from 'typeorm';
import { Counter, Instant, Text, Whole } from '../../database/columns.js';
import type { Address, Amount, Asset } from './chart-of-accounts.js';

/** One (address, asset); a null balance means summed on demand (see `keepsBalance`). */
@Entity('ledger_accounts')
@Index('uq_ledger_accounts_address', ['address', 'asset'], { unique: true })
@Check('chk_ledger_accounts_balance', 'balance BETWEEN 0 AND 9007199254740991')
export class LedgerAccount {
  @Counter() id!: number;
  @Text(128) address!: Address;
  @Text(8) asset!: Asset;
  @Whole({ nullable: true }) balance!: Amount | null;
  /** SHA-256 of address and asset, so that the audit can name a row that was renamed. */
  @Text(64) hash!: string;
  @Instant() createdAt!: number;
}
