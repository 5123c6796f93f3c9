import { DiscoveryService, type DiscoverableDecorator } from '@nestjs/core';
import type { Tx } from '../../database/transactions.js';

/** Returns whether an account has left anything that must keep its owner. */
export type AccountUsageCheck = (tx: Tx, userId: number) => Promise<boolean>;

type CheckDecorator = (
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<AccountUsageCheck>,
) => void;

/** A provider's method that is asked, in the transaction, before an account is given up for another one. It locks nothing: what
 * writes at that moment has to hold the account (`UsersService.holdActive`). */
export const AccountUsage = DiscoveryService.createDecorator<object>() as (() => CheckDecorator) &
  DiscoverableDecorator<object>;
