import { availableParallelism } from 'node:os';

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
  rootDir: '.',
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

/** What every configuration of jest here needs once a run. */
export const run = {
  testTimeout: 180_000,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

const project = (name, testMatch, more = {}) => ({
  ...shared,
  displayName: name,
  testMatch: testMatch.map((glob) => `<rootDir>/${glob}`),
  ...more,
});
/** Everything over HTTP runs once per database. */
const database = (kind) => project(kind, ['test/**/*.e2e-spec.ts'], { globals: { testDatabase: kind } });
/** These start the server as it is built: the setup builds it into a folder of its own. */
const built = (name, kind, testMatch) =>
  project(name, testMatch, {
    globals: { testDatabase: kind },
    globalSetup: '<rootDir>/test/built/global-setup.mjs',
  });

/** At most four workers: each server under test has a pool of its own, and MySQL 151 connections for all. */
export default {
  ...run,
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  coverageReporters: ['text', 'text-summary'],
  maxWorkers: Math.min(4, availableParallelism()),
  // A worker keeps the modules of every file it has run: in gigabytes each file takes several times as long.
  workerIdleMemoryLimit: '1GB',
  projects: [
    // No server, no process but the layer rules'.
    project('unit', ['src/**/*.spec.ts', 'test/**/*.unit-spec.ts']),
    // Our WeChat client against the simulator, without a database.
    project('wechat', ['test/wechat/*.spec.ts']),
    built('built', 'sqlite', ['test/built/*.spec.ts']),
    database('sqlite'),
    ...(process.env.TEST_MYSQL_URL
      ? [database('mysql'), built('built-mysql', 'mysql', ['test/built/kill.spec.ts'])]
      : []),
  ],
};
