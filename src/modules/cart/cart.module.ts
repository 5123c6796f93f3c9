import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module.js';
import { CartApiV1Controller } from './cart.api-v1.controller.js';
import { CartWebController } from './cart.web.controller.js';
import { CartService } from './cart.service.js';

@Module({
  imports: [ProductsModule],
  controllers: [CartApiV1Controller, CartWebController],
  providers: [CartService],
  exports: [CartService],
})
export class CartModule {}
