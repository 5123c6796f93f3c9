import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { freePort } from '../../scripts/free-port.js';
import { BuiltServer } from '../support/built-server.js';
import { runFolder } from '../support/run.js';

/** Of a file or folder, and of all that is in it; by path. */
function modesUnder(folder: string): Record<string, string> {
  const paths = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  return Object.fromEntries(paths.map((path) => [path, (statSync(join(folder, path)).mode & 0o777).toString(8)]));
}

it('what a first start writes is its owner’s alone: the SQLite files, the secret, and their folder', async () => {
  const folder = mkdtempSync(join(runFolder(), 'files-'));
  const usual = process.umask(0o022);
  const server = await BuiltServer.start(folder, { SIMULATOR_PORT: String(await freePort()) });
  try {
    await server.get('/api/v1/user/code', { code: 'demo-somebody' }).expect(200);
    expect(modesUnder(join(folder, 'data'))).toMatchObject({
      '': '700',
      'jwt-secret': '600',
      'livemall.sqlite': '600',
      'livemall.sqlite-shm': '600',
      'livemall.sqlite-wal': '600',
      simulator: '700',
      'simulator/keys.json': '600',
    });
  } finally {
    process.umask(usual);
    await server.end();
    rmSync(folder, { recursive: true });
  }
});
