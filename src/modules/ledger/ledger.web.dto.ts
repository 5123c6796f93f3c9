import { From, Length, OneOf } from '../../protocols/fields.js';
import { toShanghaiTime } from '../../protocols/scalars.js';
import { ViewFen, ViewId, ViewInt, ViewOneOf, ViewShanghaiTime } from '../../protocols/view-fields.js';
import type { StatementEntry } from './ledger.service.js';

export class LedgersDto {
  /** 0 balance, 1 coupon. */
  @OneOf([0, 1], { example: 0 }) type!: 0 | 1;
  @From() from = 0;
  @Length() length = 100;
}

export class LedgerView {
  @ViewId() id!: number;
  @ViewId() uid!: number;
  name!: string;
  /** Negative when it left. */
  @ViewFen() money!: number;
  /** 0 balance, 1 coupon. */
  @ViewOneOf('0', '1') type!: '0' | '1';
  /** 0 where no item was bought. */
  @ViewInt() item_id!: number;
  @ViewShanghaiTime() create_at!: string;
  @ViewShanghaiTime() update_at!: string;
}

export const LEDGER_EXAMPLE: LedgerView = {
  id: 12,
  uid: 3,
  name: '过期猪小排100g',
  money: -23300,
  type: '0',
  item_id: 2,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

/** 消费记录信息: signed fen. */
export function ledgerView(uid: number, type: 0 | 1, entry: StatementEntry): LedgerView {
  const { id, name, amount: money, itemId, createdAt } = entry;
  const time = toShanghaiTime(createdAt);
  return { id, uid, name, money, type: `${type}`, item_id: itemId ?? 0, create_at: time, update_at: time };
}
