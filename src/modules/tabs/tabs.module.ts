import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module.js';
import { HomeApiV1Controller } from './home.api-v1.controller.js';
import { HomeService } from './home.service.js';
import { TabContents } from './tab-contents.js';
import { TabsApiV1Controller } from './tabs.api-v1.controller.js';
import { TabsService } from './tabs.service.js';

@Module({
  imports: [ProductsModule],
  controllers: [TabsApiV1Controller, HomeApiV1Controller],
  providers: [TabContents, TabsService, HomeService],
  exports: [TabsService, HomeService],
})
export class TabsModule {}
