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

/** Specs beside the source touch no database and run once; everything under test/ runs once per database. */
const database = (name) => ({
  ...shared,
  displayName: name,
  testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
  globals: { testDatabase: name },
});

/** At most four workers: each server under test has a pool of its own, and MySQL 151 connections for all. */
export default {
  testTimeout: 60_000,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  maxWorkers: Math.min(4, availableParallelism()),
  forceExit: true,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.unit-spec.ts'] },
    database('sqlite'),
    ...(process.env.TEST_MYSQL_URL ? [database('mysql')] : []),
  ],
};
