import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { StoredModel } from './data-source.js';
import { Database } from './database.js';
import { Idempotency } from './idempotency.js';
import { Transactions } from './transactions.js';

@Global()
@Module({})
export class DatabaseModule {
  static forRoot(model: StoredModel): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: Database, inject: [Config], useFactory: (config: Config) => Database.open(config, model) },
        Transactions,
        Idempotency,
      ],
      exports: [Database, Transactions, Idempotency],
    };
  }
}
