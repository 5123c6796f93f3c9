import { fork, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import { formPost, HttpClient } from './http-client.js';
import { compare, type Operation } from './rounds.js';
import { freePort } from '../free-port.js';

/*
 * changeGold per second over HTTP, ours beside the same statements written by hand (linkv-floor.ts), in one run with
 * alternating rounds. BENCH_MYSQL_URL names a MySQL or MariaDB server on which a database may be made and dropped.
 */
const SERVER = process.env['BENCH_MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306';
const USERS = 1000;
const GOAL = 0.75;
const APP_ID = 'LMbench';
const SECRET = randomBytes(16).toString('hex');
const PATH = '/open/finanv0/changeGold';
const MONTH = 30 * 86_400;

type Kind = 'add' | 'take' | 'repeat';
const TITLES: Readonly<Record<Kind, string>> = { add: 'adds coins', take: 'takes coins', repeat: 'repeated request' };

async function main(): Promise<void> {
  const database = `livemall_bench_${randomBytes(4).toString('hex')}`;
  const admin = await mysql.createConnection(SERVER);
  await admin.query(`CREATE DATABASE ${database}`);
  const children: ChildProcess[] = [];
  try {
    const url = `${SERVER.replace(/\/+$/, '')}/${database}`;
    const ours = await startOurs(url, children);
    const users = await seed(admin, database);
    const floor = await startFloor(url, users.issued, children);
    for (const kind of ['add', 'take', 'repeat'] as const) {
      const [mine, hand] = [callsOf(ours, users.ours, kind), callsOf(floor, users.floor, kind)];
      console.log(`\nchangeGold, ${TITLES[kind]}`);
      const rates = await compare({ livemall: mine.operation, 'by hand': hand.operation });
      report(rates['livemall'] / rates['by hand'], mine.p99(), hand.p99());
      mine.close();
      hand.close();
    }
  } finally {
    for (const child of children) child.kill();
    await admin.query(`DROP DATABASE ${database}`);
    await admin.end();
  }
}

function report(ratio: number, ours: number, byHand: number): void {
  const verdict = ratio >= GOAL ? 'reached' : 'missed';
  const p99 = `p99 ${ours.toFixed(1)} ms and ${byHand.toFixed(1)} ms by hand`;
  console.log(`ratio ${ratio.toFixed(2)} (goal ${GOAL}: ${verdict}); ${p99}`);
}

/** Debits find a lot that they cannot use up; repeats send one of a few requests that were accepted. */
function callsOf(port: number, users: readonly string[], kind: Kind) {
  const client = new HttpClient(port);
  const run = randomBytes(4).toString('hex');
  const latencies: number[] = [];
  const operation: Operation = async (serial) => {
    const repeated = serial % 64;
    const request = `${run}-${kind === 'repeat' ? repeated : serial}`;
    const user = users[kind === 'repeat' ? repeated : Math.floor(Math.random() * users.length)];
    const started = performance.now();
    const body = await client.send(formPost(PATH, signedForm(user, request, kind === 'take' ? '2' : '1')));
    if (!body.includes('"200"')) throw new Error(`not accepted: ${body}`);
    latencies.push(performance.now() - started);
  };
  const p99 = (): number => latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)];
  return { operation, p99, close: () => client.close() };
}

const expriation = String(Math.floor(Date.now() / 1000) + 3 * MONTH);

function signedForm(uid: string, request: string, type: string, value = '1'): string {
  const nonce_str = `${randomBytes(4).toString('hex')}${Math.floor(Date.now() / 1000)}abcdefgh`;
  const parameters = { app_id: APP_ID, expriation, nonce_str, request_id: request, type, uid, value };
  const text = Object.entries(parameters)
    .map(([name, given]) => `${name}=${given}`)
    .join('&');
  return `${text}&sign=${createHash('md5').update(`${text}&key=${SECRET}`).digest('hex')}`;
}

/** Users with accounts and a large lot each, half of them for the floor. */
async function seed(
  admin: mysql.Connection,
  database: string,
): Promise<{ ours: string[]; floor: string[]; issued: number }> {
  await admin.query(`USE ${database}`);
  const openIds = (first: string): string[] =>
    Array.from({ length: USERS }, (_, index) => `${first}${String(index).padStart(19, '0')}`);
  const [ours, floor] = [openIds('1'), openIds('2')];
  const all = [...ours, ...floor];
  const [now, rich] = [Date.now(), 1_000_000_000];
  await admin.query(
    'INSERT INTO linkv_users (open_id, app_id, user_id, aid, name, portrait, email, country, birthday, sex, token_hash, created_at, updated_at) VALUES ?',
    [all.map((id) => [id, APP_ID, id, '', '', '', '', '', '', '', '', now, now])],
  );
  await admin.query('INSERT INTO ledger_accounts (address, asset, balance, hash, created_at) VALUES ?', [
    [
      [`platform:linkv:${APP_ID}:issued`, 'GOLD', null, '', now],
      ...all.map((id) => [`linkv:${id}:gold`, 'GOLD', rich, '', now]),
    ],
  ]);
  await admin.query('INSERT INTO gold_lots (open_id, operation_id, value, remaining, live, expires_at) VALUES ?', [
    all.map((id) => [id, 0, rich, rich, 1, now + MONTH * 1000]),
  ]);
  const [rows] = await admin.query("SELECT id FROM ledger_accounts WHERE address LIKE 'platform:%'");
  return { ours, floor, issued: (rows as { id: number }[])[0].id };
}

async function startOurs(url: string, children: ChildProcess[]): Promise<number> {
  const port = await freePort();
  const child = fork(new URL('../../src/main.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: url,
      SEED_DEMO: 'false',
      RATE_LIMIT: 'off',
      WECHAT_MODE: 'live',
      WECHAT_APP_ID: 'wx0000000000000001',
      WECHAT_APP_SECRET: randomBytes(16).toString('hex'),
      LINKV_APP_ID: APP_ID,
      LINKV_APP_SECRET: SECRET,
      LINKV_APP_ALIAS: 'bench',
    },
  });
  children.push(child);
  for (let wait = 0; wait < 300; wait += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    if (answer?.ok) return port;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not start');
}

async function startFloor(url: string, issued: number, children: ChildProcess[]): Promise<number> {
  const port = await freePort();
  const child = fork(new URL('./linkv-floor.js', import.meta.url), [String(port), url, String(issued)]);
  children.push(child);
  await new Promise((resolve, reject) => child.once('message', resolve).once('exit', reject));
  return port;
}

await main();
