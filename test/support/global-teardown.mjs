import { rmSync } from 'node:fs';

export default function globalTeardown() {
  rmSync(process.env.TEST_RUN_FOLDER, { recursive: true, force: true });
  const seconds = Math.round((Date.now() - Number(process.env.TEST_RUN_BEGAN)) / 1000);
  process.stdout.write(`The whole run took ${seconds} s.\n`);
  delete process.env.TEST_RUN_FOLDER;
  delete process.env.TEST_RUN_BEGAN;
}
