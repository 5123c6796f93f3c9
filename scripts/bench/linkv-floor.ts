import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createPool, type PoolConnection } from 'mysql2';

/**
 * What changeGold cannot cost less than: node:http and mysql2 prepared statements doing the same SQL, with no framework,
 * no validation, no signature, no hashes. Arguments: port, database URL, address id of the issued account.
 */
const [port = '', url = '', issuedAccount = ''] = process.argv.slice(2);
const pool = createPool({ uri: url, connectionLimit: 22, supportBigNumbers: true, timezone: 'Z' });
pool.on('connection', (connection) => {
  connection.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'");
  connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
});

type Values = (string | number | null)[];
interface Row {
  readonly id: number;
  readonly remaining: number;
  readonly balance: number;
}

const HASH = '0'.repeat(64);
const DUPLICATE = 1062;
/** Account by open id: the floor knows them all beforehand. */
const accounts = new Map<string, number>();

function run(connection: PoolConnection, sql: string, values: Values): Promise<Row[] & { insertId: number }> {
  return new Promise((resolve, reject) => {
    connection.execute(sql, values, (error, result) => (error ? reject(error) : resolve(result as never)));
  });
}

function say(connection: PoolConnection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => connection.query(sql, (error) => (error ? reject(error) : resolve())));
}

function connection(): Promise<PoolConnection> {
  return new Promise((resolve, reject) =>
    pool.getConnection((error, found) => (error ? reject(error) : resolve(found))),
  );
}

async function changeGold(form: URLSearchParams): Promise<void> {
  const [uid, app, request] = [form.get('uid')!, form.get('app_id')!, form.get('request_id')!];
  const [type, value, now] = [Number(form.get('type')), Number(form.get('value')), Date.now()];
  const db = await connection();
  try {
    await say(db, 'START TRANSACTION');
    const { insertId } = await run(
      db,
      'INSERT INTO linkv_operations (app_id, request_id, content_hash, open_id, type, value, order_id, money, platform, reason, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      [app, request, HASH, uid, type, value, null, null, '', '', now],
    );
    if (type === 1) {
      await run(
        db,
        'INSERT INTO gold_lots (open_id, operation_id, value, remaining, live, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        [uid, insertId, value, value, 1, Number(form.get('expriation')) * 1000],
      );
    } else {
      await takeFromFirstLot(db, uid, value);
    }
    await post(db, insertId, accounts.get(uid)!, type === 1 ? value : -value, now);
    await say(db, 'COMMIT');
  } catch (error) {
    await say(db, 'ROLLBACK');
    if ((error as { errno?: number }).errno !== DUPLICATE) throw error;
    await run(
      db,
      'SELECT content_hash AS contentHash, balance FROM linkv_operations WHERE app_id = ? AND request_id = ?',
      [app, request],
    );
  } finally {
    db.release();
  }
}

async function takeFromFirstLot(db: PoolConnection, uid: string, value: number): Promise<void> {
  const [lot] = await run(
    db,
    'SELECT id, remaining, expires_at AS expiresAt FROM gold_lots WHERE open_id = ? AND live = 1 ORDER BY expires_at, id LIMIT 20 FOR UPDATE',
    [uid],
  );
  await run(
    db,
    'UPDATE gold_lots SET live = CASE id WHEN ? THEN 1 ELSE 0 END, remaining = CASE id WHEN ? THEN ? ELSE 0 END WHERE live = 1 AND id IN (?)',
    [lot.id, lot.id, lot.remaining - value, lot.id],
  );
}

async function post(
  db: PoolConnection,
  operation: number,
  account: number,
  amount: number,
  now: number,
): Promise<void> {
  const { insertId } = await run(
    db,
    'INSERT INTO ledger_transactions (post_key, input_hash, kind, reason, name, order_id, item_id, reverses, created_at, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    [`linkv:${operation}`, HASH, 'linkv_add', '', '', null, null, null, now, HASH],
  );
  await run(
    db,
    'UPDATE ledger_accounts SET balance = balance + CASE id WHEN ? THEN ? ELSE 0 END WHERE (id = ? AND balance BETWEEN ? AND ?)',
    [account, amount, account, Math.max(0, -amount), Number.MAX_SAFE_INTEGER - Math.max(0, amount)],
  );
  const rows = await run(db, 'SELECT id, address, asset, balance FROM ledger_accounts WHERE id IN (?, ?)', [
    account,
    Number(issuedAccount),
  ]);
  const balance = rows.find(({ id }) => Number(id) === account)?.balance ?? 0;
  await run(
    db,
    'INSERT INTO ledger_entries (transaction_id, position, account_id, amount, balance_after, hash) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?)',
    [insertId, 0, account, amount, balance, HASH, insertId, 1, Number(issuedAccount), -amount, null, HASH],
  );
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (body += chunk))
      .on('end', () => resolve(body));
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let status = '200';
  try {
    await changeGold(new URLSearchParams(await bodyOf(request)));
  } catch (error) {
    console.error(error);
    status = '500';
  }
  const text = JSON.stringify({ msg: '', status });
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': text.length }).end(text);
}

pool.query("SELECT id, address FROM ledger_accounts WHERE address LIKE 'linkv:%:gold'", (error, rows) => {
  if (error) throw error;
  for (const { id, address } of rows as { id: number; address: string }[]) {
    accounts.set(address.split(':')[1] ?? '', Number(id));
  }
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.keepAliveTimeout = 65_000;
  server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
});
