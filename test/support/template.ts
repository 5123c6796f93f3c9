import { writeFileSync } from 'node:fs';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { model } from '../../ormconfig.js';
import { loadConfig } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { onceInRun } from './run.js';

/** A migrated SQLite file to copy; migrated once a run, so it is never older than the migrations. */
export function sqliteTemplate(): Promise<string> {
  return onceInRun('template.sqlite', (draft) => migrate(`sqlite:${draft}`));
}

/**
 * A JSON file of the statements that make what the migrations make: tables with their keys and checks, triggers, and the rows
 * of the migrations table, so that the application finds nothing to migrate. `url` is an empty database to migrate.
 */
export function mysqlTemplate(empty: () => Promise<{ url: string; drop: () => Promise<void> }>): Promise<string> {
  return onceInRun('template.mysql.json', async (draft) => {
    const { url, drop } = await empty();
    try {
      await migrate(url);
      const connection = await mysql.createConnection(url);
      writeFileSync(draft, JSON.stringify(await statementsOf(connection)));
      await connection.end();
    } finally {
      await drop();
    }
  });
}

async function migrate(url: string): Promise<void> {
  const dataSource = await createDataSource(loadConfig({ DATABASE_URL: url }).database, model).initialize();
  await dataSource.runMigrations();
  await dataSource.destroy();
}

async function statementsOf(connection: Connection): Promise<string[]> {
  const rowsOf = async (sql: string): Promise<RowDataPacket[]> => (await connection.query<RowDataPacket[]>(sql))[0];
  const statements: string[] = [];
  for (const row of await rowsOf('SHOW TABLES')) {
    const table = String(Object.values(row)[0]);
    const [created] = await rowsOf(`SHOW CREATE TABLE \`${table}\``);
    statements.push(String(created['Create Table']).replace(/ AUTO_INCREMENT=\d+/, ''));
    const rows = await rowsOf(`SELECT * FROM \`${table}\``);
    for (const content of rows) statements.push(mysql.format('INSERT INTO ?? SET ?', [table, content]));
  }
  for (const { name, head, body } of await rowsOf(
    "SELECT trigger_name AS name, CONCAT(action_timing, ' ', event_manipulation, ' ON ', event_object_table) AS head, action_statement AS body FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
  )) {
    statements.push(`CREATE TRIGGER ${name} ${head} FOR EACH ROW ${body}`);
  }
  return statements;
}
