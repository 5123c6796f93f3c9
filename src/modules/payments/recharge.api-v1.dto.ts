import { MAX_FEN, type Fen } from '../../common/money.js';
import { Field, Id, Str, Yuan } from '../../protocols/fields.js';
import { toSeconds, toYuan } from '../../protocols/scalars.js';
import { paymentKey } from './payments.api-v1.dto.js';
import type { RechargeItem } from './recharge-items.service.js';

export class AddRechargeItemDto {
  @Str(1, 64, { example: '充100送10' })
  name!: string;

  @Yuan(1, MAX_FEN, { example: 100 })
  money!: Fen;

  /** The bonus on top of the money. */
  @Yuan(0, MAX_FEN, { example: 10 })
  charge!: Fen;

  @Str(0, 500, { example: '限时优惠' })
  description!: string;
}

export class ModifyRechargeItemDto {
  @Id({ example: 1 })
  id!: number;

  @Str(1, 64, { optional: true, example: '充100送20' })
  name?: string;

  @Yuan(1, MAX_FEN, { optional: true, example: 100 })
  money?: Fen;

  @Yuan(0, MAX_FEN, { optional: true, example: 20 })
  charge?: Fen;

  @Str(0, 500, { optional: true, example: '限时优惠' })
  description?: string;
}

export class RechargeItemDto {
  @Id({ example: 1 })
  id!: number;
}

export class RechargeRefundDto {
  @Field(paymentKey, { example: 1 })
  payment_id!: string;

  @Str(1, 200, { example: '用户要求' })
  reason!: string;
}

export function rechargeItemView(item: RechargeItem): object {
  return {
    id: item.id,
    name: item.name,
    money: toYuan(item.money),
    charge: toYuan(item.charge),
    description: item.description,
    create_at: toSeconds(item.createdAt),
    update_at: toSeconds(item.updatedAt),
  };
}
