import { Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../common/idempotency.js';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Idempotent, IdempotencyKey, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  AddRechargeItemDto,
  ModifyRechargeItemDto,
  RechargeItemDto,
  rechargeItemView,
  RechargeRefundDto,
} from './recharge.api-v1.dto.js';
import { RechargeItems } from './recharge-items.service.js';
import { RechargeService } from './recharge.service.js';

const UNKNOWN = { not_found: 'recharge item not found' };

/** Root's side of recharging; users do it on the web wire. */
@ApiV1('rechargeItem')
export class RechargeApiV1Controller {
  constructor(
    private readonly items: RechargeItems,
    private readonly recharges: RechargeService,
  ) {}

  @Post('add')
  @Allow(Permission.Root)
  @Doc({ zh: '添加充值商品 (仅 Root)', en: 'Beyond the document: what balance can be bought with.', answer: { id: 1 } })
  async add(@Input() input: AddRechargeItemDto): Promise<object> {
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
  @Doc({
    zh: '充值商品列表 (仅 Root)',
    en: 'Beyond the document: all items, in the order they were added; amounts in yuan.',
    answer: {
      items: [
        {
          id: 1,
          name: '充100送10',
          money: 100,
          charge: 10,
          description: '限时优惠',
          create_at: 1795180000,
          update_at: 1795180000,
        },
      ],
    },
  })
  async list(): Promise<object> {
    return { items: (await this.items.list()).map(rechargeItemView) };
  }

  @Post('refund')
  @Allow(Permission.Root)
  @Idempotent()
  @Doc({
    zh: '充值退款 (仅 Root)',
    en: 'Beyond the document: gives a whole unspent recharge back; the bonus is taken back first.',
    answer: { refund_id: 1, status: 'processing' },
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
  ): Promise<object> {
    const { refundId, status } = await this.recharges.refund(ref, user, key, reason);
    return { refund_id: refundId, status };
  }
}
