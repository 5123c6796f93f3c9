import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { protectTables } from './append-only.js';

/** On MySQL at every start, because whoever applied the migrations may have lacked the privilege. */
@Injectable()
export class LedgerProtection implements OnModuleInit {
  constructor(private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    const { dataSource, kind, warnings } = this.database;
    if (kind !== 'mysql') return;
    const problem = await protectTables(true, (sql) => dataSource.query(sql));
    if (problem) warnings.push(problem);
  }
}
