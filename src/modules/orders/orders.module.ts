import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CartModule } from '../cart/cart.module.js';
import { ProductsModule } from '../products/products.module.js';
import { UsersModule } from '../users/users.module.js';
import { OrderAccountUsage } from './order-account-usage.js';
import { CheckoutService } from './checkout.service.js';
import { OrderActions } from './order-actions.service.js';
import { OrderHistory } from './order-history.entity.js';
import { OrderItem } from './order-item.entity.js';
import { OrderLifecycle } from './order-lifecycle.service.js';
import { OrderReviews } from './order-reviews.service.js';
import { Order } from './order.entity.js';
import { OrdersApiV1Controller } from './orders.api-v1.controller.js';
import { OrdersLiveuserController } from './orders.liveuser.controller.js';
import { OrdersService } from './orders.service.js';
import { UnpaidPieces } from './unpaid-pieces.js';
import { WaitingOrders } from './waiting-orders.service.js';

/** Needs `OpenPayments`, which the payments module provides. */
@Module({
  imports: [TypeOrmModule.forFeature([Order, OrderItem, OrderHistory]), CartModule, ProductsModule, UsersModule],
  controllers: [OrdersApiV1Controller, OrdersLiveuserController],
  providers: [
    OrderAccountUsage,
    OrderLifecycle,
    CheckoutService,
    OrderReviews,
    OrderActions,
    OrdersService,
    UnpaidPieces,
    WaitingOrders,
  ],
  exports: [OrderLifecycle, CheckoutService, OrderReviews, OrdersService, WaitingOrders],
})
export class OrdersModule {}
