// Puts what tsc wrote and the packages that it uses into few files: Node takes three times as long to find and read thousands of
// modules as to run them (docs/decisions/032-the-server-is-bundled.md). What is bundled is tsc's output, because decorators need its metadata.
import { appendFile, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Within the folder of the build. As deep as src/common, from where `public/` is looked up. */
const BUNDLE = 'bundle/server';

/** Native, or reading files beside itself. */
const EXTERNAL = ['better-sqlite3', '@node-rs/argon2', 'swagger-ui-dist'];

/** Of TypeORM's drivers those of SQLite and MySQL; a driver of another database is an empty module. */
const UNUSED_DRIVERS =
  /[\\/]typeorm[\\/]driver[\\/](?:aurora|capacitor|cockroachdb|cordova|expo|mongodb|nativescript|oracle|postgres|react-native|sap|spanner|sqljs|sqlserver)[^\\/]*[\\/].*\.js$/;

/** TypeORM requires its driver by a name that it is given. */
const followDriver = (text) =>
  text.replace('return require(name);', 'return name === "mysql2" ? require("mysql2") : require(name);');

/** A `require` that a package makes for itself would load a second copy of what is bundled. */
const followRequire = (text) => text.replace(/^const require = createRequire\(import\.meta\.url\);$/m, '');

/** Columns, Swagger's schemas and the log are named after classes; the bundler renames some. */
const nameClasses = (text) =>
  text.replace(
    /^((?:export (?:default )?)?(?:(?:let|const|var) \w+ = (?:\w+ = )*)?class (\w+)(?: extends [^{\n]+)? \{)/gm,
    '$1 static { Object.defineProperty(this, "name", { value: "$2", configurable: true }); }',
  );

const modules = {
  name: 'modules',
  setup({ onLoad, onResolve, resolve }) {
    // An optional package that is not installed stays absent.
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, pluginData, ...from }) => {
      if (pluginData === modules || (kind !== 'dynamic-import' && kind !== 'require-call')) return undefined;
      const found = await resolve(path, {
        kind,
        importer: from.importer,
        resolveDir: from.resolveDir,
        pluginData: modules,
      });
      return found.errors.length === 0 ? found : { path, external: true };
    });
    onLoad({ filter: UNUSED_DRIVERS }, () => ({ contents: '' }));
    onLoad({ filter: /[\\/]typeorm[\\/]platform[\\/]PlatformTools\.js$/ }, async ({ path }) => ({
      contents: nameClasses(followDriver(await readFile(path, 'utf8'))),
    }));
    onLoad({ filter: /\.[cm]?js$/ }, async ({ path }) => {
      return { contents: nameClasses(followRequire(await readFile(path, 'utf8'))) };
    });
  },
};

/** Node reads the map of every file that names one as soon as it loads it: only files with something of ours do. */
async function nameMaps(outputs) {
  for (const [path, { inputs }] of Object.entries(outputs)) {
    if (path.endsWith('.map')) continue;
    const ours = Object.keys(inputs).some((input) => !input.includes('node_modules/'));
    await (ours ? appendFile(path, `//# sourceMappingURL=${basename(path)}.map\n`) : rm(`${path}.map`));
  }
}

/** Of the compiled program in `dist`. The simulator and the demo data become files of their own, loaded on demand. */
export async function bundle(dist) {
  const outdir = join(dist, BUNDLE);
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    stdin: {
      // Decorators need reflect-metadata before all else, and stack traces name the source of what is loaded after this.
      contents: 'import "reflect-metadata"; process.setSourceMapsEnabled(true); await import("./main.js");',
      resolveDir: join(dist, 'src'),
    },
    entryNames: 'main',
    chunkNames: '[name]-[hash]',
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: EXTERNAL,
    plugins: [modules],
    banner: {
      js: "import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(import.meta.url);",
    },
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  await nameMaps(metafile.outputs);
}
