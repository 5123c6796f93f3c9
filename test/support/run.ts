import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of this run of jest, made and removed by the global setup and teardown. */
export function runFolder(): string {
  const folder = process.env['TEST_RUN_FOLDER'];
  if (!folder)
    throw new Error('TEST_RUN_FOLDER is not set: start the tests by npm, or give their config the globalSetup');
  return folder;
}

/**
 * The path of a file that all tests of this run share; whoever needs it first makes it. Two workers may make it at the same
 * time: each makes a draft, and the last one stays.
 */
export async function onceInRun(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const path = join(runFolder(), name);
  if (existsSync(path)) return path;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await make(draft);
  renameSync(draft, path);
  return path;
}
