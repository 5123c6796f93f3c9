import { getDataSourceToken } from '@nestjs/typeorm';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Config } from '../config/config.js';
import type { StoredModel } from './data-source.js';
import { Database } from './database.js';
import { Idempotency } from './idempotency.js';
import { DatabaseTime } from './time/database-time.js';
import { UptimeMarks } from './time/uptime-marks.js';
import { Transactions } from './transactions.js';

/**
 * Gives features their repositories through `TypeOrmModule.forFeature`. Without `TypeOrmModule.forRoot`: on SQLite repositories
 * read on a read-only data source, which can open only when the writer has migrated.
 */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(model: StoredModel): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: Database, inject: [Config], useFactory: (config: Config) => Database.open(config, model) },
        { provide: getDataSourceToken(), inject: [Database], useFactory: ({ dataSource }: Database) => dataSource },
        Transactions,
        DatabaseTime,
        UptimeMarks,
        Idempotency,
      ],
      exports: [getDataSourceToken(), Database, Transactions, DatabaseTime, UptimeMarks, Idempotency],
    };
  }
}
