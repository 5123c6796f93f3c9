import { Module, type DynamicModule } from '@nestjs/common';
import { model } from '../ormconfig.js';
import type { Clock } from './common/clock.js';
import { ConfigModule } from './config/config.module.js';
import type { Config } from './config/config.js';
import { DatabaseModule } from './database/database.module.js';
import { AddressesModule } from './modules/addresses/addresses.module.js';
import { AuthModule } from './modules/auth/auth.module.js';
import { CartModule } from './modules/cart/cart.module.js';
import { CommentsModule } from './modules/comments/comments.module.js';
import { OrdersModule } from './modules/orders/orders.module.js';
import { LinkvModule } from './modules/linkv/linkv.module.js';
import { PaymentsModule } from './modules/payments/payments.module.js';
import { ProductsModule } from './modules/products/products.module.js';
import { JobsModule } from './modules/jobs/jobs.module.js';
import { LedgerModule } from './modules/ledger/ledger.module.js';
import { TabsModule } from './modules/tabs/tabs.module.js';
import { UsersModule } from './modules/users/users.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { ProtocolsModule } from './protocols/protocols.module.js';

/** The table of contents. */
@Module({})
export class AppModule {
  static forRoot(config: Config, clock?: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config, clock),
        DatabaseModule.forRoot(model),
        ProtocolsModule,
        // Express looks through routes in this order: what is asked most comes first.
        ProductsModule,
        CartModule,
        AuthModule,
        UsersModule,
        LinkvModule,
        OrdersModule,
        PaymentsModule,
        AddressesModule,
        TabsModule,
        CommentsModule,
        LedgerModule,
        JobsModule,
        OperationsModule,
      ],
    };
  }
}
