import { Get, Post } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Input, RoundTrips } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  CART_LINE_EXAMPLE,
  CartCountView,
  cartLineView,
  CartPageDto,
  CartProductDto,
  CartView,
  ChosenLinesView,
  GetCartDto,
  InCartView,
  ModifyCountDto,
} from './cart.api-v1.dto.js';
import { CartService } from './cart.service.js';

@ApiV1('cart')
export class CartApiV1Controller {
  constructor(private readonly cart: CartService) {}

  @Get('userProducts')
  @RoundTrips(1)
  @Allow()
  @Doc<CartView>({
    zh: '查询用户购物车商品',
    en: "The caller's cart in the order the products were added; unlisted ones are shown with isDrop true.",
    answer: {
      Products: [
        { ...CART_LINE_EXAMPLE, id: 3 },
        { ...CART_LINE_EXAMPLE, id: 4, count: 4 },
      ],
    },
  })
  async userProducts(@CurrentUser() user: Principal, @Input() page: CartPageDto): Promise<CartView> {
    return { Products: (await this.cart.listFilled(user.userId, page)).map(cartLineView) };
  }

  @Get('inCart')
  @Allow()
  @Doc<InCartView>({
    zh: '查询某商品是否在用户购物车中',
    en: "Whether and how often a product is in the caller's cart.",
    answer: { inCart: true, count: 3 },
  })
  async inCart(@CurrentUser() user: Principal, @Input() input: CartProductDto): Promise<InCartView> {
    const count = await this.cart.count(user.userId, input.productId);
    return { inCart: count > 0, count };
  }

  @Post('getCart')
  @Allow()
  @Doc<ChosenLinesView>({
    zh: '用商品ID查询购物车中的商品',
    en: 'Those of the products that are in the cart, in the order asked.',
    answer: {
      products: [
        { ...CART_LINE_EXAMPLE, id: 4, count: 4 },
        { ...CART_LINE_EXAMPLE, id: 2, count: 4 },
      ],
    },
  })
  async getCart(@CurrentUser() user: Principal, @Input() input: GetCartDto): Promise<ChosenLinesView> {
    return { products: (await this.cart.listFilledOf(user.userId, input.product_ids)).map(cartLineView) };
  }

  @Post('addProduct')
  @RoundTrips(1)
  @Allow()
  @Doc<CartCountView>({
    zh: '增加购物车中的商品数量',
    en: 'One piece more of a listed product.',
    answer: { count: 3 },
    errors: { not_found: 'product not found', conflict: 'the product is not on sale, or the cart is full' },
  })
  async addProduct(@CurrentUser() user: Principal, @Input() input: CartProductDto): Promise<CartCountView> {
    return { count: await this.cart.add(user.userId, input.productId) };
  }

  @Post('reduceProduct')
  @Allow()
  @Doc<CartCountView>({
    zh: '减少购物车中的商品数量',
    en: 'One piece less; the line goes with its last piece.',
    answer: { count: 2 },
  })
  async reduceProduct(@CurrentUser() user: Principal, @Input() input: CartProductDto): Promise<CartCountView> {
    return { count: await this.cart.reduce(user.userId, input.productId) };
  }

  @Post('modifyProduct')
  @Allow()
  @Doc<CartCountView>({
    zh: '修改购物车中的商品数量',
    en: 'Sets how many pieces are in the cart; makes the line when there is none, 0 removes it.',
    answer: { count: 4 },
    errors: { not_found: 'product not found', conflict: 'the product is not on sale, or the cart is full' },
  })
  async modifyProduct(@CurrentUser() user: Principal, @Input() input: ModifyCountDto): Promise<CartCountView> {
    return { count: await this.cart.setCount(user.userId, input.productId, input.modifyCount) };
  }
}
