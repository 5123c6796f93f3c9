import { Get } from '@nestjs/common';
import { Input, Public, Web } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { ProductsService } from './products.service.js';
import { ProductDto, ProductListDto, WEB_PRODUCT_EXAMPLE, webProductView } from './products.web.dto.js';

@Web()
export class ProductsWebController {
  constructor(private readonly products: ProductsService) {}

  @Get('products')
  @Public()
  @Doc({
    zh: '获取商品列表',
    en: 'Products on sale, newest first, of one shop or of all.',
    answer: [WEB_PRODUCT_EXAMPLE],
  })
  async list(@Input() { shop_id, ...page }: ProductListDto): Promise<object[]> {
    const products = await this.products.listListed({ ownerId: shop_id === 0 ? undefined : shop_id, page });
    return products.map(webProductView);
  }

  @Get('product/:product_id')
  @Public()
  @Doc({
    zh: '获取单个商品',
    en: 'One product, on sale or not.',
    answer: WEB_PRODUCT_EXAMPLE,
    errors: { not_found: 'product not found' },
  })
  async product(@Input() input: ProductDto): Promise<object> {
    return webProductView(await this.products.getProduct(input.product_id));
  }
}
