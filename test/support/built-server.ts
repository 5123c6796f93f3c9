import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.js';
import { runFolder } from './run.js';
import { Site } from './site.js';

/** The server that test/built/global-setup.mjs built, as a process of its own. */
export class BuiltServer extends Site {
  private constructor(
    private readonly process: ChildProcess,
    override readonly url: string,
    private readonly output: readonly string[],
  ) {
    super();
  }

  /** Starts it in `folder`, on a free port unless PORT is given, with nothing of our own environment. */
  static async start(folder: string, env: Readonly<Record<string, string>>): Promise<BuiltServer> {
    const port = env['PORT'] ?? String(await freePort());
    const main = join(runFolder(), 'dist/bundle/server/main.js');
    const child = spawn(process.execPath, [main], {
      cwd: folder,
      env: { PATH: process.env['PATH'], SEED_DEMO: 'false', PORT: port, ...env },
    });
    const output: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output.push(chunk.toString());
        if (output.join('').includes('listening on')) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output.join('')}`)));
    });
    return new BuiltServer(child, `http://127.0.0.1:${port}`, output);
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Everything so far. */
  get printed(): string {
    return this.output.join('');
  }

  /** Ends it, by default with SIGTERM, and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    await exit;
  }
}
