import { Get, Post } from '@nestjs/common';
import { MAX_PAGE_LENGTH } from '../../common/page.js';
import { Permission } from '../../common/permission.js';
import { Allow, ApiV1, Input, Public, RateLimit, RoundTrips } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { PRODUCT_CARD_EXAMPLE } from '../products/products.api-v1.dto.js';
import { HomeService } from './home.service.js';
import {
  HomePictureView,
  HomeProductsView,
  homeProductsView,
  HomeTabDto,
  ModifyHomePictureDto,
  ModifyHomeTabDto,
} from './tabs.api-v1.dto.js';

@ApiV1('product')
export class HomeApiV1Controller {
  constructor(private readonly home: HomeService) {}

  @Post('modifyHomeTab')
  @Allow(Permission.Root)
  @Doc({ zh: '修改首页推荐商品列表', en: 'Replaces the list of recommended products.' })
  async modifyHomeTab(@Input() input: ModifyHomeTabDto): Promise<void> {
    await this.home.recommend(input.products);
  }

  @Post('modifyHomePicture')
  @Allow(Permission.Root)
  @Doc({ zh: '修改首页推荐图片个数', en: 'Sets how many pictures the home page shows.' })
  async modifyHomePicture(@Input() input: ModifyHomePictureDto): Promise<void> {
    await this.home.setPictures(input.pictureNumber);
  }

  @Get('homePicture')
  @Public()
  @Doc<HomePictureView>({
    zh: '查询首页推荐图片个数',
    en: 'How many pictures the home page shows; 0 until set.',
    answer: { pictureNumber: 3 },
  })
  async homePicture(): Promise<HomePictureView> {
    return { pictureNumber: await this.home.countPictures() };
  }

  @Get('homeTab')
  @RoundTrips(1, { 'a page': 2 })
  @Public()
  @RateLimit('list')
  @Doc<HomeProductsView>({
    zh: '查询首页推荐商品列表',
    en: 'The recommended products; with `from` or `length` the list goes on with all other listed ones.',
    answer: { products: [PRODUCT_CARD_EXAMPLE] },
  })
  async homeTab(@Input() { from, length }: HomeTabDto): Promise<HomeProductsView> {
    const whole = from === undefined && length === undefined;
    const cards = whole
      ? await this.home.listRecommended()
      : await this.home.listPage({ from: from ?? 0, length: length ?? MAX_PAGE_LENGTH });
    return homeProductsView(cards);
  }
}
