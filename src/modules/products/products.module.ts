import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CatalogueService } from './catalogue.service.js';
import { DevelopmentProducts } from './development-products.service.js';
import { ProductGram } from './product-gram.entity.js';
import { ProductSnapshot } from './product-snapshot.entity.js';
import { Product } from './product.entity.js';
import { ProductsService } from './products.service.js';
import { ProductsWebController } from './products.web.controller.js';
import { SearchApiV1Controller } from './search.api-v1.controller.js';
import { SearchService } from './search.service.js';
import { ShopApiV1Controller } from './shop.api-v1.controller.js';
import { ShopService } from './shop.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, ProductSnapshot, ProductGram])],
  controllers: [ShopApiV1Controller, SearchApiV1Controller, ProductsWebController],
  providers: [ProductsService, CatalogueService, SearchService, ShopService, DevelopmentProducts],
  exports: [ProductsService, CatalogueService, ShopService],
})
export class ProductsModule {}
