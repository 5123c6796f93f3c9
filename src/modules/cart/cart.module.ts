import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ProductsModule } from '../products/products.module.js';
import { CartLine } from './cart-line.entity.js';
import { CartApiV1Controller } from './cart.api-v1.controller.js';
import { CartWebController } from './cart.web.controller.js';
import { CartService } from './cart.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([CartLine]), ProductsModule],
  controllers: [CartApiV1Controller, CartWebController],
  providers: [CartService],
  exports: [CartService],
})
export class CartModule {}
