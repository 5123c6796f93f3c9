import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProductsModule } from '../products/products.module.js';
import { HomePage } from './home-page.entity.js';
import { HomeApiV1Controller } from './home.api-v1.controller.js';
import { HomeService } from './home.service.js';
import { TabContents } from './tab-contents.js';
import { TabProduct } from './tab-product.entity.js';
import { Tab } from './tab.entity.js';
import { TabsApiV1Controller } from './tabs.api-v1.controller.js';
import { TabsService } from './tabs.service.js';

@Module({
  imports: [ProductsModule, TypeOrmModule.forFeature([Tab, TabProduct, HomePage])],
  controllers: [TabsApiV1Controller, HomeApiV1Controller],
  providers: [TabContents, TabsService, HomeService],
  exports: [TabsService, HomeService],
})
export class TabsModule {}
