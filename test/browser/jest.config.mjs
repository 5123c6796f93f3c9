import config, { run } from '../../jest.config.mjs';

const sqlite = config.projects.find(({ displayName }) => displayName === 'sqlite');

/** A real browser against a server on SQLite; run by `npm run test:browser`. */
export default {
  ...sqlite,
  ...run,
  rootDir: '../..',
  displayName: 'browser',
  testMatch: ['<rootDir>/test/browser/*.browser-spec.ts'],
};
