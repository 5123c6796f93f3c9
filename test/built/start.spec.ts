import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BuiltServer } from '../support/built-server.js';

/** Files that Node finds, reads and compiles at a start; they were about 2,500. */
const MOST_FILES = 400;

/** Packages that stay outside the bundle, and what they load. */
const OUTSIDE = ['@node-rs', 'better-sqlite3', 'bindings', 'file-uri-to-path', 'swagger-ui-dist'];

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

describe('the start of the built server', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'livemall-start-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads few files, and neither the simulator nor the demo data with a WeChat that is real', async () => {
    const coverage = join(folder, 'coverage');
    const server = await BuiltServer.start(folder, {
      DATABASE_URL: `sqlite:${join(folder, 'start.sqlite')}`,
      JWT_SECRET: 'development',
      WECHAT_APP_ID: 'wx1234567890abcdef',
      WECHAT_APP_SECRET: '0f1e2d3c4b5a6978',
      NODE_V8_COVERAGE: coverage,
    });
    await server.end();
    const loaded = readdirSync(coverage)
      .map((name) => JSON.parse(readFileSync(join(coverage, name), 'utf8')) as Coverage)
      .flatMap(({ result }) => result.map(({ url }) => url))
      .filter((url) => url.startsWith('file:'));
    expect(loaded).toContainEqual(expect.stringMatching(/\/main\.js$/));
    expect(loaded.length).toBeLessThan(MOST_FILES);
    // Of a package that is bundled another copy would know nothing of what the first was told.
    const packages = loaded.flatMap((url) => /.*\/node_modules\/([^/]+)/.exec(url)?.[1] ?? []);
    expect(new Set(packages)).toEqual(new Set(OUTSIDE));
    expect(loaded.filter((url) => /simulator|development|demo/.test(url.slice(url.indexOf('/dist/'))))).toEqual([]);
  });

  it('logs under the names that the classes have in the source, and keeps what Nest says of itself for debugging', async () => {
    const server = await BuiltServer.start(folder, {
      DATABASE_URL: `sqlite:${join(folder, 'start.sqlite')}`,
      JWT_SECRET: 'development',
      SIMULATOR_PORT: '0',
      LOG_LEVEL: 'debug',
    });
    await server.end();
    const lines = server.printed
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { level: number; context?: string; msg: string });
    const atDebug = lines.filter(({ level }) => level === 20);
    expect(new Set(atDebug.map(({ context }) => context))).toEqual(
      new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer']),
    );
    expect(atDebug.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'AppModule dependencies initialized',
        'UsersModule dependencies initialized',
        expect.stringMatching(/^ProductsWebController /),
      ]),
    );
    expect(atDebug.filter(({ msg }) => /^_|\d dependencies|Controller\d/.test(msg))).toEqual([]);
  });

  it('names the source in the stack trace of a failure', async () => {
    const failed = BuiltServer.start(folder, {
      DATABASE_URL: 'sqlite:/dev/null/start.sqlite',
      JWT_SECRET: 'development',
      SIMULATOR_PORT: '0',
    });
    await expect(failed).rejects.toThrow(/src\/database\/data-source\.ts:\d+/);
  });
});
