import type { Row, Store, Value } from './store.js';

/** What each row is filled with: literally, or as an SQL expression of `n`. */
type Literals = Readonly<Record<string, Value>>;
type Expressions = Readonly<Record<string, string>>;

/** Where a column that this code does not know must have something: the schema may be an earlier or a later one than ours. */
const nothing = (isNumber: boolean): Value => (isNumber ? 0 : '');

/** Inserts what `rowOf` makes of 1, 2, … `count`; all rows have the fields of the first. */
export async function fill(store: Store, table: string, count: number, rowOf: (n: number) => Literals): Promise<void> {
  if (count === 0) return;
  const { kept, added } = await planOf(store, table, Object.keys(rowOf(1)));
  const extra = added.map(({ isNumber }) => nothing(isNumber));
  const rows = function* (): Generator<Row> {
    for (let n = 1; n <= count; n += 1) {
      const row = rowOf(n);
      yield [...kept.map((column) => row[column]), ...extra];
    }
  };
  await store.insert(table, [...kept, ...added.map(({ name }) => name)], rows());
}

/** Inserts one row for each `n` of a SELECT, by the database itself. */
export async function fillFrom(store: Store, table: string, source: string, columns: Expressions): Promise<void> {
  const { kept, added } = await planOf(store, table, Object.keys(columns));
  const names = [...kept, ...added.map(({ name }) => name)];
  const values = [...kept.map((column) => columns[column]), ...added.map(({ isNumber }) => (isNumber ? '0' : "''"))];
  await store.run(`INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${source}`);
}

async function planOf(store: Store, table: string, wanted: readonly string[]) {
  const columns = await store.columnsOf(table);
  const known = new Set(columns.map(({ name }) => name));
  return {
    kept: wanted.filter((column) => known.has(column)),
    added: columns.filter(({ name, isOptional }) => !isOptional && !wanted.includes(name)),
  };
}

/** `(SELECT …) numbers` with a column `n` from `first` to `last`, in order, without a table to count in. */
export function numbers(first: number, last: number): string {
  const digit = (name: string): string =>
    `(SELECT 0 d${Array.from({ length: 9 }, (_, index) => ` UNION ALL SELECT ${index + 1}`).join('')}) ${name}`;
  const places = String(last - first).length;
  const names = Array.from({ length: places }, (_, place) => `p${place}`);
  const value = names.map((name, place) => `${name}.d * ${10 ** place}`).join(' + ');
  const all = `SELECT ${first} + ${value} AS n FROM ${names.map(digit).join(' CROSS JOIN ')}`;
  return `(SELECT n FROM (${all}) counted WHERE n <= ${last} ORDER BY n) numbers`;
}

/** Runs `work` for 0 to `count` - 1, `width` at once. */
export async function inParallel(count: number, width: number, work: (index: number) => Promise<unknown>) {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
