import type { DataSource, EntityMetadata } from 'typeorm';

/** SQL expressions over `n.i`, the number of the row; by property. */
export type Columns<E> = { readonly [K in keyof E]?: string };

const CHUNK = 50_000;

/** Fills tables with rows that SQL makes, the same on both databases; columns and their types come from the entities. */
export class Filler {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes the table of 0 to `max`, which every other statement counts by. */
  async count(max: number): Promise<void> {
    await this.dataSource.query('CREATE TABLE growth_numbers (i INTEGER NOT NULL PRIMARY KEY)');
    await this.dataSource.query('INSERT INTO growth_numbers VALUES (0)');
    for (let size = 1; size <= max; size *= 2) {
      await this.dataSource.query(
        `INSERT INTO growth_numbers SELECT i + ${size} FROM growth_numbers WHERE i + ${size} <= ${max} ORDER BY i`,
      );
    }
  }

  /** Rows `from` to `to` of the entity's table, ids and all; a column that is not given is made up by its type, or null where it may be. */
  async rows<E extends object>(entity: new () => E, from: number, to: number, columns: Columns<E> = {}): Promise<void> {
    const metadata = this.dataSource.getMetadata(entity);
    const given = metadata.columns.map((column) => [
      column.databaseName,
      columns[column.propertyName as keyof E] ?? madeUp(column),
    ]);
    const names = given.map(([name]) => name).join(', ');
    const values = given.map(([, value]) => value).join(', ');
    const insert = `INSERT INTO ${metadata.tableName} (${names}) SELECT ${values} FROM growth_numbers n`;
    const fill = async (): Promise<void> => {
      for (let first = from; first <= to; first += CHUNK) {
        const last = Math.min(to, first + CHUNK - 1);
        await this.dataSource.query(`${insert} WHERE n.i BETWEEN ${first} AND ${last} ORDER BY n.i`);
      }
    };
    await (to - from < CHUNK ? fill() : this.withoutIndexes(metadata, fill));
  }

  /** MySQL makes the indexes of many rows in a fraction of the time that it takes to keep them while rows come. */
  private async withoutIndexes({ tableName, indices }: EntityMetadata, fill: () => Promise<void>): Promise<void> {
    const plain = indices.filter(({ isUnique }) => !isUnique);
    if (plain.length === 0 || this.dataSource.options.type !== 'mysql') return fill();
    const made = plain.map(
      ({ name, columns }) => `ADD INDEX ${name} (${columns.map(({ databaseName }) => databaseName).join(', ')})`,
    );
    await this.dataSource.query(`ALTER TABLE ${tableName} ${plain.map(({ name }) => `DROP INDEX ${name}`).join(', ')}`);
    await fill();
    return this.dataSource.query(`ALTER TABLE ${tableName} ${made.join(', ')}`);
  }

  /** A table of your own for one text each, which expressions may ask: `(SELECT t.text FROM name t WHERE t.i = …)`. */
  async texts(name: string, texts: readonly string[]): Promise<void> {
    await this.dataSource.query(`CREATE TABLE ${name} (i INTEGER NOT NULL PRIMARY KEY, text VARCHAR(200) NOT NULL)`);
    const rows = texts.map(() => '(?, ?)').join(', ');
    await this.dataSource.query(
      `INSERT INTO ${name} (i, text) VALUES ${rows}`,
      texts.flatMap((text, index) => [index, text]),
    );
  }

  /** Inserts tuples as they are. */
  async tuples(table: string, tuples: readonly (readonly number[])[]): Promise<void> {
    for (let first = 0; first < tuples.length; first += 400) {
      const part = tuples.slice(first, first + 400);
      const rows = part.map((tuple) => `(${tuple.map(() => '?').join(', ')})`).join(', ');
      await this.dataSource.query(`INSERT INTO ${table} VALUES ${rows}`, part.flat());
    }
  }

  /** What the optimizer goes by. */
  async analyze(): Promise<void> {
    const sqlite = this.dataSource.options.type === 'better-sqlite3';
    const tables = this.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    await this.dataSource.query(sqlite ? 'ANALYZE' : `ANALYZE TABLE ${tables.join(', ')}`);
  }
}

function madeUp(column: EntityMetadata['columns'][number]): string {
  if (column.isNullable) return 'NULL';
  return column.type === 'varchar' || column.type === 'text' ? "concat('', n.i)" : 'n.i';
}
