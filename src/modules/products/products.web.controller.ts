import { Get } from '@nestjs/common';
import { Input, Public, RateLimit, Web } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { CatalogueService } from './catalogue.service.js';
import { ProductsService } from './products.service.js';
import { ProductDto, ProductListDto, WEB_PRODUCT_EXAMPLE, WebProductView, webProductView } from './products.web.dto.js';

@Web()
export class ProductsWebController {
  constructor(
    private readonly products: ProductsService,
    private readonly catalogue: CatalogueService,
  ) {}

  @Get('products')
  @Public()
  @RateLimit('list')
  @Doc<WebProductView[]>({
    zh: '获取商品列表',
    en: 'Products on sale, newest first, of one shop or of all.',
    answer: [WEB_PRODUCT_EXAMPLE],
  })
  async list(@Input() { shop_id, ...page }: ProductListDto): Promise<WebProductView[]> {
    const products = await this.catalogue.listListed({ ownerId: shop_id === 0 ? undefined : shop_id, page });
    return products.map(webProductView);
  }

  @Get('product/:product_id')
  @Public()
  @Doc<WebProductView>({
    zh: '获取单个商品',
    en: 'One product, on sale or not.',
    answer: WEB_PRODUCT_EXAMPLE,
    errors: { not_found: 'product not found' },
  })
  async product(@Input() input: ProductDto): Promise<WebProductView> {
    return webProductView(await this.products.getProduct(input.product_id));
  }
}
