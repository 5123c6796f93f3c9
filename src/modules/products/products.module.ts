import { Module } from '@nestjs/common';
import { ProductsWebController } from './products.web.controller.js';
import { ProductsService } from './products.service.js';
import { SearchApiV1Controller } from './search.api-v1.controller.js';
import { ShopApiV1Controller } from './shop.api-v1.controller.js';
import { ShopService } from './shop.service.js';

@Module({
  controllers: [ShopApiV1Controller, SearchApiV1Controller, ProductsWebController],
  providers: [ProductsService, ShopService],
  exports: [ProductsService, ShopService],
})
export class ProductsModule {}
