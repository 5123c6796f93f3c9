import { Post } from '@nestjs/common';
import { ApiV1, Input, Public, RateLimit, RoundTrips } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { PRODUCT_EXAMPLE, ProductListView, productView, SearchDto } from './products.api-v1.dto.js';
import { SearchService } from './search.service.js';

@ApiV1('search')
export class SearchApiV1Controller {
  constructor(private readonly products: SearchService) {}

  @Post()
  @RoundTrips(1, { 'of pairs that were not looked for lately': 2 })
  @Public()
  @RateLimit('search')
  @Doc<ProductListView>({
    zh: '搜索商品标题',
    en: 'Listed products whose title contains the key, in any letter case, newest first.',
    answer: {
      Products: [
        { ...PRODUCT_EXAMPLE, id: 4, title: '鸡小排100g' },
        { ...PRODUCT_EXAMPLE, title: '鸡小排100g' },
      ],
    },
  })
  async search(@Input() { key, from, length }: SearchDto): Promise<ProductListView> {
    return { Products: (await this.products.search(key, { from, length })).map(productView) };
  }
}
