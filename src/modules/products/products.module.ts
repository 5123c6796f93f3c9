import { Module } from '@nestjs/common';
import { ProductsService } from './products.service.js';
import { ShopService } from './shop.service.js';

@Module({ providers: [ProductsService, ShopService], exports: [ProductsService, ShopService] })
export class ProductsModule {}
