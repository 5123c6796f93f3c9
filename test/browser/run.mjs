import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const chromium = process.env.CHROMIUM ?? places.find((place) => existsSync(place));

if (chromium === undefined) {
  console.log(
    `Browser tests skipped: no Chromium at ${places.join(', ')} (set CHROMIUM, or apt-get install chromium).`,
  );
} else {
  const jest = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const { status } = spawnSync(process.execPath, [...jest, '--config', 'test/browser/jest.config.mjs'], {
    stdio: 'inherit',
    env: { ...process.env, CHROMIUM: chromium },
  });
  process.exitCode = status ?? 1;
}
