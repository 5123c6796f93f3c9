import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../free-port.js';
import { messageOf, startHelper, startNode, stop } from './processes.js';
import { CREDENTIALS, type World } from './world.js';

export interface Server {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startedIn: number;
  stop(): Promise<void>;
}

/** Logs, and files that a server writes beside itself. */
export const scratch = mkdtempSync(join(tmpdir(), 'livemall-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const START_TIMEOUT = 60_000;

/** How the server under load differs from one in production, which refuses this. */
export const DIFFERENCE = 'as in production but for NODE_ENV, because production refuses RATE_LIMIT=off';

/** Another checkout may be of before there was a bundle. */
function mainOf(folder: string): string {
  const bundled = resolve(folder, 'dist/bundle/server/main.js');
  return existsSync(bundled) ? bundled : resolve(folder, 'dist/src/main.js');
}

/** The built livemall in `folder`, as an operator starts it, {@link DIFFERENCE}; its log goes to a file. */
export async function startLivemall(folder: string, databaseUrl: string, wechatPort?: number): Promise<Server> {
  const port = await freePort();
  const log = openSync(join(scratch, `livemall-${port}.log`), 'w');
  const began = performance.now();
  const child = startNode([mainOf(folder)], {
    cwd: scratch,
    stdio: ['ignore', log, 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      ...CREDENTIALS,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      SEED_DEMO: 'false',
      RATE_LIMIT: 'off',
      WECHAT_MODE: 'live',
      LOG_LEVEL: 'info',
      ...(wechatPort === undefined ? {} : { WECHAT_API_BASE: `http://127.0.0.1:${wechatPort}` }),
    },
  });
  closeSync(log);
  await untilReady(child, port);
  return serverOf(child, port, performance.now() - began);
}

/** `raw`: own tables; `same`: livemall's tables and statements. Both without framework, validation or login. */
export async function startFloor(kind: 'raw' | 'same', databaseUrl: string, wechatPort?: number): Promise<Server> {
  return startHelperServer('./floors/server.js', [kind, databaseUrl, String(wechatPort ?? 0)]);
}

/** WeChat's code exchange in constant time. */
export function startWechatStub(): Promise<Server> {
  return startHelperServer('./floors/wechat-stub.js', []);
}

async function startHelperServer(file: string, args: readonly string[]): Promise<Server> {
  const port = await freePort();
  const began = performance.now();
  const child = startHelper(file, [String(port), ...args]);
  await messageOf(child);
  return serverOf(child, port, performance.now() - began);
}

function serverOf(child: ChildProcess, port: number, startedIn: number): Server {
  return { port, pid: child.pid!, startedIn, stop: () => stop(child) };
}

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT; Date.now() < end;) {
    if (child.exitCode !== null) throw new Error('the server ended before it was ready');
    const reply = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    if (reply?.ok) return;
    await new Promise((done) => setTimeout(done, 5));
  }
  throw new Error('the server was not ready in time');
}

/** A database for each part of the benchmark: the mall's own and the raw floor's. */
export interface Databases {
  readonly mall: string;
  readonly raw: string;
  readonly world: World;
}
