import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../free-port.js';

export type Json = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Whatever came as JSON; the demo looks at it with `proves`. */
  readonly body: never;
  readonly text: string;
}

interface Call {
  readonly query?: Json;
  readonly body?: Json;
  readonly form?: Json;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

const START_LIMIT = 15_000;

/** A fresh server over an empty database in a folder of its own, and HTTP calls to it. */
export class Mall {
  private constructor(
    readonly url: string,
    readonly simulatorUrl: string,
    readonly databaseUrl: string,
    private readonly server: ChildProcess,
    private readonly folder: string,
  ) {}

  static async open(env: Record<string, string> = {}): Promise<Mall> {
    const folder = mkdtempSync(join(tmpdir(), 'livemall-demo-'));
    const [port, simulatorPort] = [await freePort(), await freePort()];
    const databaseUrl = process.env['DATABASE_URL'] ?? `sqlite:${join(folder, 'demo.sqlite')}`;
    const server = spawn(process.execPath, [resolve('dist/bundle/server/main.js')], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        PORT: String(port),
        HOST: '127.0.0.1',
        SIMULATOR_PORT: String(simulatorPort),
        DATABASE_URL: databaseUrl,
        LOG_LEVEL: 'error',
        ...env,
      },
    });
    const mall = new Mall(`http://127.0.0.1:${port}`, `http://127.0.0.1:${simulatorPort}`, databaseUrl, server, folder);
    await mall.untilReady();
    return mall;
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.server.once('exit', done));
    this.server.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  get(path: string, call: Call = {}): Promise<Reply> {
    return this.call('GET', path, call);
  }

  post(path: string, call: Call = {}): Promise<Reply> {
    return this.call('POST', path, call);
  }

  /** api-v1: the `data` of a success, or an error that names the refusal. */
  async data<T>(method: 'GET' | 'POST', path: string, parameters: Json = {}, token?: string): Promise<T> {
    const input = method === 'GET' ? { query: parameters } : { body: parameters };
    const reply = await this.call(method, `/api/v1/${path}`, { ...input, ...(token ? { token } : {}) });
    const { success, info, data } = reply.body as { success: boolean; info: string; data: T };
    if (!success) throw new Error(`${method} ${path} was refused: ${reply.status} ${info}`);
    return data;
  }

  async login(code: string): Promise<string> {
    return (await this.data<{ token: string }>('GET', 'user/code', { code })).token;
  }

  private async call(method: string, path: string, { query, body, form, token, headers }: Call): Promise<Reply> {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, String(value));
    const response = await fetch(url, {
      method,
      redirect: 'error',
      headers: {
        ...(body ? { 'Content-Type': 'application/json' } : {}),
        ...(form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(form ? { body: new URLSearchParams(form as Record<string, string>).toString() } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) as never, text };
  }

  private async untilReady(): Promise<void> {
    const until = Date.now() + START_LIMIT;
    while (Date.now() < until) {
      if (this.server.exitCode !== null) throw new Error('the server ended before it was ready');
      const ready = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (ready?.ok) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('the server was not ready in time');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
