import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { freePort } from '../../scripts/free-port.js';
import { TEST_ENV } from '../support/app.js';
import { BuiltServer } from '../support/built-server.js';
import { runFolder } from '../support/run.js';
import { until } from '../support/until.js';

/** Files of that process may become so long (bytes): what a full disk is to SQLite, whose log cannot grow. */
function limitFiles(pid: number, length: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${length}:`]);
}

const ADDRESS = { name: 'n', address: 'a', phoneNumber: '1' };

it('the built server on a full disk refuses writes with 503, is not ready, serves readers, and goes on when there is room', async () => {
  const folder = mkdtempSync(join(runFolder(), 'full-'));
  const simulator = { SIMULATOR_PORT: String(await freePort()) };
  const server = await BuiltServer.start(folder, { ...TEST_ENV, ...simulator, DATABASE_URL: 'sqlite:./full.sqlite' });
  const ready = async (): Promise<unknown[]> => {
    const { status, body } = await server.get('/health/ready');
    return [status, (body as { database: string }).database];
  };
  try {
    const login = await server.get('/api/v1/user/code', { code: 'demo-full' }).expect(200);
    const { token } = (login.body as { data: { token: string } }).data;
    const write = () => server.post('/api/v1/address/addAddress', ADDRESS, token);
    await write().expect(200);
    limitFiles(server.pid, 4096);
    const refused = await write();
    expect([refused.status, refused.headers['retry-after'], await ready()]).toEqual([503, '1', [503, 'read_only']]);
    await server.get('/api/v1/address/address', {}, token).expect(200);
    await until('it is logged', () => /"code":"SQLITE_(IOERR|FULL)/.test(server.printed));
    limitFiles(server.pid, 'unlimited');
    await write().expect(200);
    await until('it is ready again', async () => (await ready())[0] === 200);
    const { body } = await server.get('/api/v1/address/address', {}, token);
    expect((body as { data: { address: unknown[] } }).data.address).toHaveLength(2);
  } finally {
    await server.end();
    rmSync(folder, { recursive: true });
  }
});
