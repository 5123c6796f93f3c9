import { Get, Post } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Input, Public, RoundTrips } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { CatalogueService } from './catalogue.service.js';
import {
  AddProductDto,
  keptProductView,
  OwnerProductsDto,
  PRODUCT_EXAMPLE,
  ProductIdDto,
  ProductIdView,
  ProductListView,
  ProductView,
  productView,
  UpdateProductDto,
} from './products.api-v1.dto.js';
import { ProductsService } from './products.service.js';
import { ShopService } from './shop.service.js';

const NOT_OWN = { not_found: 'product not found' };

@ApiV1('shop')
export class ShopApiV1Controller {
  constructor(
    private readonly shop: ShopService,
    private readonly products: ProductsService,
    private readonly catalogue: CatalogueService,
  ) {}

  @Post('addProduct')
  @Allow(Permission.Merchant)
  @Doc<ProductIdView>({ zh: '增加一个商品', en: 'Puts a new product of the caller on sale.', answer: { id: 4 } })
  async addProduct(@CurrentUser() user: Principal, @Input() input: AddProductDto): Promise<ProductIdView> {
    return { id: await this.shop.addProduct(user.userId, input) };
  }

  @Post('updateProduct')
  @Allow(Permission.Merchant)
  @Doc({
    zh: '更新一个商品',
    en: 'Changes the given fields of an own product; orders keep what they bought.',
    errors: NOT_OWN,
  })
  async updateProduct(@CurrentUser() user: Principal, @Input() input: UpdateProductDto): Promise<void> {
    const { id, ...edit } = input;
    await this.shop.updateProduct(user.userId, id, edit);
  }

  @Get('product')
  @RoundTrips(1, { remembered: 0 })
  @Public()
  @Doc<ProductView>({
    zh: '查询一个商品信息',
    en: 'One product, listed or not.',
    answer: PRODUCT_EXAMPLE,
    errors: { not_found: 'product not found' },
  })
  async product(@Input() input: ProductIdDto): Promise<ProductView> {
    return keptProductView(await this.products.getProduct(input.id));
  }

  @Get('ownerProducts')
  @Allow(Permission.Merchant)
  @Doc<ProductListView>({
    zh: '查询一个 Owner 的所有商品',
    en: 'Own products, unlisted ones too, newest first.',
    answer: { Products: [{ ...PRODUCT_EXAMPLE, id: 4 }, PRODUCT_EXAMPLE] },
  })
  async ownerProducts(@CurrentUser() user: Principal, @Input() page: OwnerProductsDto): Promise<ProductListView> {
    return { Products: (await this.catalogue.listOwned(user.userId, page)).map(productView) };
  }

  @Post('dropProduct')
  @Allow(Permission.Merchant)
  @Doc({ zh: '下架一个商品', en: 'Takes an own product off sale; twice is a success.', errors: NOT_OWN })
  async dropProduct(@CurrentUser() user: Principal, @Input() input: ProductIdDto): Promise<void> {
    await this.shop.setListed(user.userId, input.id, false);
  }

  @Post('putProduct')
  @Allow(Permission.Merchant)
  @Doc({ zh: '上架一个商品', en: 'Puts an own product on sale again; twice is a success.', errors: NOT_OWN })
  async putProduct(@CurrentUser() user: Principal, @Input() input: ProductIdDto): Promise<void> {
    await this.shop.setListed(user.userId, input.id, true);
  }
}
