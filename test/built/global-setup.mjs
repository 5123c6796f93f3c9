import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { bundle } from '../../scripts/bundle.mjs';
import { runFolder } from '../support/run-folder.mjs';

/** Builds the server as `npm run build` does, into the folder of this run: no other build and no running server is disturbed. */
export default async function build() {
  const folder = runFolder();
  const config = join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: resolve('tsconfig.build.json'),
      compilerOptions: {
        rootDir: resolve('.'),
        outDir: join(folder, 'dist'),
        typeRoots: [resolve('node_modules/@types')],
        incremental: false,
        tsBuildInfoFile: null,
      },
    }),
  );
  execFileSync('node_modules/.bin/nest', ['build', '--path', relative('.', config)], { stdio: 'inherit' });
  symlinkSync(resolve('public'), join(folder, 'dist/public'));
  for (const shared of ['node_modules', 'package.json']) symlinkSync(resolve(shared), join(folder, shared));
  await bundle(join(folder, 'dist'));
}
