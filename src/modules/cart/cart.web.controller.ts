import { Get, Post } from '@nestjs/common';
import { notFound } from '../../common/domain-error.js';
import { MAX_PAGE_LENGTH } from '../../common/page.js';
import type { Principal } from '../../common/principal.js';
import { Allow, CurrentUser, Input, Web } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { CartService } from './cart.service.js';
import {
  AddToCartDto,
  CartLineDto,
  CartNumberDto,
  WEB_CART_EXAMPLE,
  WebCartDto,
  WebCartView,
  webCartView,
} from './cart.web.dto.js';

@Web('cart')
export class CartWebController {
  constructor(private readonly cart: CartService) {}

  @Get()
  @Allow()
  @Doc<WebCartView[]>({
    zh: '查询购物车内物品',
    en: 'The whole cart, in the order the products were added; a part of it when `from` or `length` is given.',
    answer: [WEB_CART_EXAMPLE],
  })
  async lines(@CurrentUser() user: Principal, @Input() { from, length }: WebCartDto): Promise<WebCartView[]> {
    const whole = from === undefined && length === undefined;
    const page = whole ? undefined : { from: from ?? 0, length: length ?? MAX_PAGE_LENGTH };
    return (await this.cart.listFilled(user.userId, page)).map(webCartView);
  }

  @Post()
  @Allow()
  @Doc({
    zh: '加入购物车',
    en: 'One piece more of a product.',
    errors: { not_found: 'product not found', conflict: 'the product is not on sale, or the cart is full' },
  })
  async add(@CurrentUser() user: Principal, @Input() input: AddToCartDto): Promise<void> {
    await this.cart.add(user.userId, input.product_id);
  }

  @Post('update')
  @Allow()
  @Doc({
    zh: '修改购物车数量',
    en: 'Beyond the document: sets the number of a line; 0 removes it.',
    errors: { not_found: 'cart line not found' },
  })
  async update(@CurrentUser() user: Principal, @Input() { cart_id, num }: CartNumberDto): Promise<void> {
    await this.setCount(user.userId, cart_id, num);
  }

  @Post('delete')
  @Allow()
  @Doc({
    zh: '删除购物车商品',
    en: 'Beyond the document: removes a line.',
    errors: { not_found: 'cart line not found' },
  })
  async remove(@CurrentUser() user: Principal, @Input() { cart_id }: CartLineDto): Promise<void> {
    await this.setCount(user.userId, cart_id, 0);
  }

  private async setCount(userId: number, lineId: number, count: number): Promise<void> {
    const line = await this.cart.findLine(userId, lineId);
    if (!line) throw notFound('cart line');
    await this.cart.setCount(userId, line.productId, count);
  }
}
