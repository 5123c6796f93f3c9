import { Module } from '@nestjs/common';
import { CartModule } from '../cart/cart.module.js';
import { ProductsModule } from '../products/products.module.js';
import { UsersModule } from '../users/users.module.js';
import { OrderTraces } from './order-traces.js';
import { RegisteredPayments } from './open-payments.service.js';
import { OrderChanges } from './order-changes.service.js';
import { OrderPlacement } from './order-placement.service.js';
import { OrderReviews } from './order-reviews.service.js';
import { OrderSettlement } from './order-settlement.service.js';
import { OrdersApiV1Controller } from './orders.api-v1.controller.js';
import { OrdersLiveuserController } from './orders.liveuser.controller.js';
import { OrdersService } from './orders.service.js';

@Module({
  imports: [CartModule, ProductsModule, UsersModule],
  controllers: [OrdersApiV1Controller, OrdersLiveuserController],
  providers: [
    OrderTraces,
    RegisteredPayments,
    OrderSettlement,
    OrderPlacement,
    OrderReviews,
    OrderChanges,
    OrdersService,
  ],
  exports: [OrderSettlement, OrderPlacement, OrderReviews, OrdersService],
})
export class OrdersModule {}
