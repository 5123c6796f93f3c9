import { applyDecorators, Get, Post } from '@nestjs/common';
import type { IdempotencyRef } from '../../../common/idempotency.js';
import type { Principal } from '../../../common/principal.js';
import {
  Allow,
  CurrentUser,
  IdempotencyKey,
  Idempotent,
  Input,
  RateLimit,
  UnsafeGet,
  Web,
} from '../../../protocols/decorators.js';
import { Doc, type RouteDoc } from '../../../protocols/doc.js';
import { ProductsService } from '../../products/products.service.js';
import { WEB_PRODUCT_EXAMPLE, WebProductView, webProductView } from '../../products/products.web.dto.js';
import type { WalletChannel } from '../records/payment.entity.js';
import { PurchasesService } from './purchases.service.js';
import { CART_PURCHASE_EXAMPLE, CartPurchaseView, PurchaseDto } from './purchases.web.dto.js';

const PURCHASE: Omit<RouteDoc<WebProductView>, 'zh' | 'en'> = {
  answer: WEB_PRODUCT_EXAMPLE,
  errors: {
    not_found: 'product not found',
    conflict: 'out of stock',
    insufficient_balance: 'insufficient balance',
    key_reused: 'this Idempotency-Key was used for another request',
  },
};
const BY_BALANCE: RouteDoc<WebProductView> = {
  ...PURCHASE,
  zh: '使用余额购买单个商品',
  en: 'Buys one piece from the balance.',
};
const BY_COUPON: RouteDoc<WebProductView> = {
  ...PURCHASE,
  zh: '使用优惠券购买单个商品',
  en: 'Buys one piece with the coupon, as far as it may and can pay, and the balance for the rest.',
};
const GET_NOTE =
  ' POST is the same and recommended; this GET is refused to pages of other sites, to navigation and to prefetch, and with UNSAFE_GET=off.';

/** Of a caller who is logged in, counted as a payment, harmless when repeated with its key. */
const Purchase = (): MethodDecorator => applyDecorators(RateLimit('payment'), Allow(), Idempotent());

/** Buying from the wallet; each purchase is stock, order and ledger in one transaction. */
@Web()
export class PurchasesWebController {
  constructor(
    private readonly purchases: PurchasesService,
    private readonly products: ProductsService,
  ) {}

  @Get('product/:product_id/with_balance')
  @Purchase()
  @UnsafeGet()
  @Doc<WebProductView>({ ...BY_BALANCE, en: BY_BALANCE.en + GET_NOTE })
  async getWithBalance(
    @CurrentUser() user: Principal,
    @Input() { product_id }: PurchaseDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<WebProductView> {
    return this.buy(ref, user, product_id, 'balance');
  }

  @Post('product/:product_id/with_balance')
  @Purchase()
  @Doc<WebProductView>(BY_BALANCE)
  async postWithBalance(
    @CurrentUser() user: Principal,
    @Input() { product_id }: PurchaseDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<WebProductView> {
    return this.buy(ref, user, product_id, 'balance');
  }

  @Get('product/:product_id/with_coupon')
  @Purchase()
  @UnsafeGet()
  @Doc<WebProductView>({ ...BY_COUPON, en: BY_COUPON.en + GET_NOTE })
  async getWithCoupon(
    @CurrentUser() user: Principal,
    @Input() { product_id }: PurchaseDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<WebProductView> {
    return this.buy(ref, user, product_id, 'coupon');
  }

  @Post('product/:product_id/with_coupon')
  @Purchase()
  @Doc<WebProductView>(BY_COUPON)
  async postWithCoupon(
    @CurrentUser() user: Principal,
    @Input() { product_id }: PurchaseDto,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<WebProductView> {
    return this.buy(ref, user, product_id, 'coupon');
  }

  @Post('cart/pay_with_balance')
  @Purchase()
  @Doc<CartPurchaseView>({
    zh: '余额结算购物车',
    en: 'Buys the cart from the balance, line by line, each by itself; bought lines leave the cart.',
    answer: CART_PURCHASE_EXAMPLE,
  })
  async payWithBalance(
    @CurrentUser() user: Principal,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<CartPurchaseView> {
    return this.payCart(ref, user, 'balance');
  }

  @Post('cart/pay_with_coupon')
  @Purchase()
  @Doc<CartPurchaseView>({
    zh: '优惠券结算购物车',
    en: 'Buys the cart with the coupon and, for the rest, the balance, line by line; bought lines leave the cart.',
    answer: CART_PURCHASE_EXAMPLE,
  })
  async payWithCoupon(
    @CurrentUser() user: Principal,
    @IdempotencyKey() ref: IdempotencyRef | null,
  ): Promise<CartPurchaseView> {
    return this.payCart(ref, user, 'coupon');
  }

  private async buy(
    ref: IdempotencyRef | null,
    user: Principal,
    productId: number,
    channel: WalletChannel,
  ): Promise<WebProductView> {
    await this.purchases.buy(ref, user.userId, productId, channel);
    const [view] = await this.viewsOf([productId]);
    return view;
  }

  private async payCart(
    ref: IdempotencyRef | null,
    user: Principal,
    channel: WalletChannel,
  ): Promise<CartPurchaseView> {
    const { bought, failed } = await this.purchases.payCart(ref, user.userId, channel);
    return { success: await this.viewsOf(bought), fail: await this.viewsOf(failed) };
  }

  private async viewsOf(productIds: readonly number[]): Promise<WebProductView[]> {
    const products = await this.products.findMany(productIds);
    return productIds.flatMap((id) => {
      const product = products.get(id);
      return product ? [webProductView(product)] : [];
    });
  }
}
