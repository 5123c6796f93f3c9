import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder for what the tests of this run share; whichever setup comes first makes it, global-teardown.mjs removes it. */
export function runFolder() {
  process.env.TEST_RUN_FOLDER ??= mkdtempSync(join(tmpdir(), 'livemall-tests-'));
  process.env.TEST_RUN_BEGAN ??= String(Date.now());
  return process.env.TEST_RUN_FOLDER;
}
