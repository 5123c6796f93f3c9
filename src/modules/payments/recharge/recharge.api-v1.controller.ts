import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import { Permission } from '../../../common/permission.js';
import type { Principal } from '../../../common/principal.js';
import {
  Allow,
  ApiV1,
  CurrentUser,
  Idempotent,
  IdempotencyKey,
  Input,
  RateLimit,
} from '../../../protocols/decorators.js';
import { Doc } from '../../../protocols/doc.js';
import { REFUND_EXAMPLE, RefundView, refundView } from '../refunds/refunds.api-v1.dto.js';
import { RechargeItems } from './recharge-items.service.js';
import { RechargeRefunds } from './recharge-refunds.service.js';
import {
  AddRechargeItemDto,
  ModifyRechargeItemDto,
  RECHARGE_ITEM_EXAMPLE,
  RechargeItemDto,
  RechargeItemIdView,
  RechargeItemListView,
  rechargeItemView,
  RechargeRefundDto,
} from './recharge.api-v1.dto.js';

const UNKNOWN = { not_found: 'recharge item not found' };

/** Root's side of recharging; users do it on the web wire. */
@ApiV1('rechargeItem')
export class RechargeApiV1Controller {
  constructor(
    private readonly items: RechargeItems,
    private readonly refunds: RechargeRefunds,
  ) {}

  @Post('add')
  @Allow(Permission.Root)
  @Doc<RechargeItemIdView>({
    zh: '添加充值商品 (仅 Root)',
    en: 'Beyond the document: what balance can be bought with.',
    answer: { id: 1 },
    errors: { conflict: 'at most 100 recharge items' },
  })
  async add(@Input() input: AddRechargeItemDto): Promise<RechargeItemIdView> {
    return { id: await this.items.add(input) };
  }

  @Post('modify')
  @Allow(Permission.Root)
  @Doc({
    zh: '修改充值商品 (仅 Root)',
    en: 'Beyond the document: omitted fields stay; payments already made keep their amounts.',
    errors: UNKNOWN,
  })
  async modify(@Input() { id, ...change }: ModifyRechargeItemDto): Promise<void> {
    await this.items.modify(id, change);
  }

  @Post('delete')
  @Allow(Permission.Root)
  @Doc({
    zh: '删除充值商品 (仅 Root)',
    en: 'Beyond the document: payments already made are still credited.',
    errors: UNKNOWN,
  })
  async remove(@Input() { id }: RechargeItemDto): Promise<void> {
    await this.items.remove(id);
  }

  @Get('list')
  @Allow(Permission.Root)
  @Doc<RechargeItemListView>({
    zh: '充值商品列表 (仅 Root)',
    en: 'Beyond the document: all items, in the order they were added; amounts in yuan.',
    answer: { items: [RECHARGE_ITEM_EXAMPLE] },
  })
  async list(): Promise<RechargeItemListView> {
    return { items: (await this.items.list()).map(rechargeItemView) };
  }

  @Post('refund')
  @Allow(Permission.Root)
  @RateLimit('refund')
  @Idempotent()
  @Doc<RefundView>({
    zh: '充值退款 (仅 Root)',
    en: 'Beyond the document: gives a whole unspent recharge back; the bonus is taken back first.',
    answer: REFUND_EXAMPLE,
    errors: {
      not_found: 'payment not found',
      conflict: 'this recharge was not paid',
      insufficient_balance: 'insufficient balance',
    },
  })
  async refund(
    @CurrentUser() user: Principal,
    @Input() { payment_id: key, reason }: RechargeRefundDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<RefundView> {
    return refundView(await this.refunds.request(ref, user, key, reason));
  }
}
