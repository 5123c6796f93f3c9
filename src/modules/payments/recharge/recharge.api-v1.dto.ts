import { MAX_FEN, type Fen } from '../../../common/money.js';
import { Field, Id, Str, Yuan } from '../../../protocols/fields.js';
import { toSeconds, toYuan } from '../../../protocols/scalars.js';
import { ViewId, ViewSeconds, ViewYuan } from '../../../protocols/view-fields.js';
import type { RechargeItem } from '../records/recharge.entity.js';
import { paymentKey } from '../wechat/payment-key.dto.js';

export class AddRechargeItemDto {
  @Str(1, 64, { example: '充100送10' }) name!: string;
  @Yuan(1, MAX_FEN, { example: 100 }) money!: Fen;
  /** The bonus on top of the money. */
  @Yuan(0, MAX_FEN, { example: 10 }) charge!: Fen;
  @Str(0, 500, { example: '限时优惠' }) description!: string;
}

export class ModifyRechargeItemDto {
  @Id({ example: 1 }) id!: number;
  @Str(1, 64, { optional: true, example: '充100送20' }) name?: string;
  @Yuan(1, MAX_FEN, { optional: true, example: 100 }) money?: Fen;
  @Yuan(0, MAX_FEN, { optional: true, example: 20 }) charge?: Fen;
  @Str(0, 500, { optional: true, example: '限时优惠' }) description?: string;
}

export class RechargeItemDto {
  @Id({ example: 1 }) id!: number;
}

export class RechargeRefundDto {
  @Field(paymentKey, { example: 1 }) payment_id!: string;
  @Str(1, 200, { example: '用户要求' }) reason!: string;
}

export class RechargeItemIdView {
  @ViewId() id!: number;
}

export class RechargeItemView extends RechargeItemIdView {
  name!: string;
  /** What the user pays, all of which becomes balance. */
  @ViewYuan(0.01) money!: number;
  /** The bonus on top. */
  @ViewYuan(0) charge!: number;
  description!: string;
  @ViewSeconds() create_at!: number;
  @ViewSeconds() update_at!: number;
}

export class RechargeItemListView {
  items!: RechargeItemView[];
}

export const RECHARGE_ITEM_EXAMPLE: RechargeItemView = {
  id: 1,
  name: '充100送10',
  money: 100,
  charge: 10,
  description: '限时优惠',
  create_at: 1795180000,
  update_at: 1795180000,
};

export function rechargeItemView(item: RechargeItem): RechargeItemView {
  const { id, name, description } = item;
  const amounts = { money: toYuan(item.money), charge: toYuan(item.charge) };
  return {
    id,
    name,
    ...amounts,
    description,
    create_at: toSeconds(item.createdAt),
    update_at: toSeconds(item.updatedAt),
  };
}
