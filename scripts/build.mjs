// Compiles to dist/ and bundles it unless dist/ was made of these very sources. By contents, not by times: a changed, added or deleted file
// builds again, a checkout of the same files does not.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDERS = ['src', 'scripts', 'migrations'];
/** Copied as it is: pages for people. */
const PUBLIC = 'public';
const FILES = [
  'ormconfig.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
];
const STAMP = 'dist/.built';
const BUILD_INFO = 'dist/.tsbuildinfo';
const SERVER = 'dist/bundle/server/main.js';

const assets = readdirSync(PUBLIC).map((path) => join(PUBLIC, path));
const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith('.ts')),
).sort((a, b) => (a < b ? -1 : 1));

function digest() {
  const hash = createHash('sha256');
  for (const path of [...sources, ...assets, ...FILES])
    hash.update(`${path}\0${createHash('sha256').update(readFileSync(path)).digest('hex')}\n`);
  return hash.digest('hex');
}

const isComplete = () =>
  existsSync(SERVER) &&
  assets.every((path) => existsSync(join('dist', path))) &&
  sources.every((path) => path.endsWith('.spec.ts') || existsSync(join('dist', path.replace(/\.ts$/, '.js'))));

/** Of these sources, and by the last compiler that wrote into dist/. */
const stampNow = (made) => `${made} ${existsSync(BUILD_INFO) ? statSync(BUILD_INFO).mtimeMs : 0}\n`;

const made = digest();
const complete = isComplete();
if (!complete || !existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stampNow(made)) {
  rmSync(STAMP, { force: true });
  // The compiler would not write again what it believes to be there.
  if (!complete) rmSync(BUILD_INFO, { force: true });
  const { status } = spawnSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  cpSync(PUBLIC, join('dist', PUBLIC), { recursive: true });
  const { bundle } = await import('./bundle.mjs');
  await bundle(resolve('dist'));
  writeFileSync(STAMP, stampNow(made));
}
