import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BuiltServer } from '../support/built-server.js';

/** Of this machine as well, and nobody's who listens on 127.0.0.1 alone. */
const ANOTHER_ADDRESS = '127.0.0.2';
const WARNING = 'everybody on the network may log in as anybody';

describe('the built server with the simulator', () => {
  let folder: string;
  let server: BuiltServer | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'livemall-exposure-'));
  });
  afterEach(async () => {
    await server?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(env: Record<string, string>): Promise<BuiltServer> {
    const own = {
      DATABASE_URL: `sqlite:${join(folder, 'exposed.sqlite')}`,
      JWT_SECRET: 'development',
      SIMULATOR_PORT: '0',
    };
    server = await BuiltServer.start(folder, { ...own, ...env });
    return server;
  }

  const reaches = async ({ url }: BuiltServer, address: string): Promise<boolean> =>
    fetch(`${url.replace('127.0.0.1', address)}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );

  it('is reached from this machine alone, and has nothing to warn of', async () => {
    const alone = await started({});
    expect([await reaches(alone, '127.0.0.1'), await reaches(alone, ANOTHER_ADDRESS)]).toEqual([true, false]);
    expect(alone.printed).not.toContain(WARNING);
  });

  it('listens where HOST says, and warns of what everybody there may do', async () => {
    const open = await started({ HOST: '0.0.0.0' });
    expect([await reaches(open, '127.0.0.1'), await reaches(open, ANOTHER_ADDRESS)]).toEqual([true, true]);
    expect(open.printed).toContain(WARNING);
  });

  it('listens everywhere, and warns of nothing, with a WeChat that is real', async () => {
    const live = await started({ WECHAT_APP_ID: 'wx1234567890abcdef', WECHAT_APP_SECRET: '0f1e2d3c4b5a6978' });
    expect([await reaches(live, '127.0.0.1'), await reaches(live, ANOTHER_ADDRESS)]).toEqual([true, true]);
    expect(live.printed).not.toContain(WARNING);
  });
});
