import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrdersModule } from '../orders/orders.module.js';
import { ProductsModule } from '../products/products.module.js';
import { Comment } from './comment.entity.js';
import { CommentsApiV1Controller } from './comments.api-v1.controller.js';
import { CommentsService } from './comments.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Comment]), OrdersModule, ProductsModule],
  controllers: [CommentsApiV1Controller],
  providers: [CommentsService],
})
export class CommentsModule {}
