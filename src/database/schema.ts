import { Table, TableCheck, TableColumn, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';

type ColumnDraft = Omit<TableColumnOptions, 'name'>;

/** Writes tables for both databases; each column helper mirrors a decorator of `columns.ts`. */
export class Schema {
  readonly mysql: boolean;

  constructor(private readonly runner: QueryRunner) {
    this.mysql = runner.connection.options.type === 'mysql';
  }

  /** `uniques` and `indexes` are `name: [columns]`; the names must equal those of the entity's `@Index`. */
  async createTable(
    name: string,
    columns: Readonly<Record<string, ColumnDraft>>,
    keys: {
      readonly uniques?: Readonly<Record<string, string[]>>;
      readonly indexes?: Readonly<Record<string, string[]>>;
      /** `name: expression`; TypeORM's MySQL driver ignores `@Check`, the table here does not. */
      readonly checks?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<void> {
    const indices = [
      ...Object.entries(keys.uniques ?? {}).map(([key, columnNames]) => ({ name: key, columnNames, isUnique: true })),
      ...Object.entries(keys.indexes ?? {}).map(([key, columnNames]) => ({ name: key, columnNames })),
    ].map((options) => new TableIndex(options));
    const checks = Object.entries(keys.checks ?? {});
    await this.runner.createTable(
      new Table({
        name,
        columns: Object.entries(columns).map(([column, draft]) => ({ name: column, ...draft })),
        indices,
        checks: this.mysql ? [] : checks.map(([check, expression]) => new TableCheck({ name: check, expression })),
      }),
    );
    if (!this.mysql) return;
    for (const [check, expression] of checks) {
      await this.runner.query(`ALTER TABLE \`${name}\` ADD CONSTRAINT \`${check}\` CHECK (${expression})`);
    }
  }

  /**
   * Gives columns that are not null another type; rows stay, their values as the database converts them, and indexes too.
   * TypeORM's own change drops the column on MySQL.
   */
  async changeTypes(name: string, types: Readonly<Record<string, ColumnDraft>>): Promise<void> {
    const drafts = Object.entries(types);
    if (this.mysql) {
      const changes = drafts.map(([column, { type, length, charset, collation }]) => {
        const size = length ? `(${length})` : '';
        const binary = charset ? ` CHARACTER SET ${charset} COLLATE ${collation}` : '';
        return `MODIFY \`${column}\` ${type}${size}${binary} NOT NULL`;
      });
      await this.runner.query(`ALTER TABLE \`${name}\` ${changes.join(', ')}`);
      return;
    }
    const table = await this.runner.getTable(name);
    const changed = drafts.map(([column, draft]) => ({
      oldColumn: table!.findColumnByName(column)!,
      newColumn: new TableColumn({ name: column, ...draft }),
    }));
    await this.runner.changeColumns(table!, changed);
  }

  get counter(): ColumnDraft {
    return { type: this.idType, isPrimary: true, isGenerated: true, generationStrategy: 'increment' };
  }

  get ref(): ColumnDraft {
    return { type: this.idType };
  }

  text(length: number, options: ColumnDraft | object = {}): ColumnDraft {
    return { type: 'varchar', length: String(length), ...this.binary, ...options };
  }

  get longText(): ColumnDraft {
    return { type: 'text', ...this.binary };
  }

  get whole(): ColumnDraft {
    return { type: 'bigint' };
  }

  get small(): ColumnDraft {
    return { type: this.mysql ? 'int' : 'integer' };
  }

  get instant(): ColumnDraft {
    return { type: 'bigint' };
  }

  get flag(): ColumnDraft {
    return { type: 'smallint' };
  }

  private get idType(): string {
    return this.mysql ? 'bigint' : 'integer';
  }

  private get binary(): object {
    return this.mysql ? { charset: 'utf8mb4', collation: 'utf8mb4_bin' } : {};
  }
}
