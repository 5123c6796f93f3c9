import { From, Length, OneOf } from '../../protocols/fields.js';
import { toShanghaiTime } from '../../protocols/scalars.js';
import type { StatementEntry } from './ledger.service.js';

export class LedgersDto {
  /** 0 balance, 1 coupon. */
  @OneOf([0, 1], { example: 0 })
  type!: 0 | 1;

  @From()
  from!: number;

  @Length(100)
  length!: number;
}

export const LEDGER_EXAMPLE = {
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
export function ledgerView(userId: number, type: 0 | 1, entry: StatementEntry): object {
  const time = toShanghaiTime(entry.time);
  return {
    id: entry.entryId,
    uid: userId,
    name: entry.name,
    money: entry.amount,
    type: String(type),
    item_id: entry.itemId ?? 0,
    create_at: time,
    update_at: time,
  };
}
