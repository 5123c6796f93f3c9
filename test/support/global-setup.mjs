import mysql from 'mysql2/promise';
import { runFolder } from './run-folder.mjs';

/** A MySQL run that cannot reach its server fails at once; a run without one says what it leaves out. */
export default async function globalSetup() {
  const url = process.env.TEST_MYSQL_URL;
  if (url) await reach(url);
  else process.stdout.write('The MySQL part was skipped: TEST_MYSQL_URL is not set.\n');
  runFolder();
}

async function reach(url) {
  try {
    const connection = await mysql.createConnection({ uri: url, connectTimeout: 5000 });
    await connection.end();
  } catch (error) {
    throw new Error(`TEST_MYSQL_URL is set, but no server answers there: ${error.code ?? error.message}`, {
      cause: error,
    });
  }
}
