import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { proves, step, told } from './demo/story.js';
import { freePort } from './free-port.js';

/* The built server as an operator meets it: refused starts, a production start without the simulator's files, a SIGTERM under load. */

const folder = mkdtempSync(join(tmpdir(), 'livemall-smoke-'));
cpSync(resolve('dist'), join(folder, 'dist'), {
  recursive: true,
  filter: (path) =>
    !/[\\/]dist[\\/](src[\\/](simulator|demo)([\\/]|$)|bundle[\\/]server[\\/](development|seed-demo)-)/.test(path),
});
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
cpSync(resolve('package.json'), join(folder, 'package.json'));

interface Running {
  readonly process: ChildProcess;
  /** Everything that was printed. */
  output: string;
}

function start(env: Record<string, string>): Running {
  const server = spawn(process.execPath, ['dist/bundle/server/main.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const running: Running = { process: server, output: '' };
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (bytes: Buffer) => (running.output += bytes.toString()));
  }
  return running;
}

async function untilReady(url: string, running: Running): Promise<void> {
  for (let look = 0; look < 300; look += 1) {
    if (running.process.exitCode !== null) throw new Error(`the server ended: ${running.output}`);
    const ready = await fetch(`${url}/health/ready`).catch(() => null);
    if (ready?.ok) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('the server was not ready in time');
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const production: Record<string, string> = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: String(port),
  DATABASE_URL: `sqlite:${join(folder, 'smoke.sqlite')}`,
  JWT_SECRET: randomBytes(48).toString('base64'),
  WECHAT_APP_ID: 'wx1234567890abcdef',
  WECHAT_APP_SECRET: randomBytes(16).toString('hex'),
  WECHAT_PAY_MCH_ID: '1900000109',
  WECHAT_PAY_SERIAL_NO: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  WECHAT_PAY_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  WECHAT_PAY_API_V3_KEY: randomBytes(16).toString('hex'),
  WECHAT_PAY_NOTIFY_URL: 'https://mall.example/api/v1/payment/notify',
  WECHAT_PAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_0119000001092026112000000000000000',
  WECHAT_PAY_PUBLIC_KEY: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  WECHAT_PAY_CERTIFICATES: 'off',
};

async function refusedStart(env: Record<string, string>): Promise<string> {
  const running = start(env);
  const [code] = (await once(running.process, 'exit')) as [number | null];
  proves('the exit code', code, 1);
  return running.output;
}

try {
  await step('Production without credentials ends at once and names every wrong variable', async () => {
    const output = await refusedStart({ NODE_ENV: 'production' });
    for (const name of ['JWT_SECRET', 'WECHAT_APP_ID', 'WECHAT_APP_SECRET', 'WECHAT_PAY_MCH_ID']) {
      proves(`${name} is named`, output.includes(name), true);
    }
  });
  await step('Weak secrets, the simulator and rate limits off are refused there, and no value is printed', async () => {
    const weak = 'livemall-secret-livemall-secret-livemall';
    const wrong = {
      JWT_SECRET: weak,
      WECHAT_MODE: 'simulator',
      RATE_LIMIT: 'off',
      WECHAT_API_BASE: 'http://evil.test',
    };
    const output = await refusedStart({ ...production, ...wrong });
    for (const name of Object.keys(wrong)) proves(`${name} is named`, output.includes(name), true);
    proves('the value stays unsaid', output.includes(weak), false);
  });
  const began = Date.now();
  const running = start(production);
  await step('Production starts from a build that has neither the simulator nor the demo data', async () => {
    await untilReady(url, running);
  });
  console.log(`      ready after ${Date.now() - began} ms, ${residentMegabytes(running)} MB resident`);
  await step('It shows no demo data, no simulator and no traces', async () => {
    const home = await fetch(`${url}/api/v1/product/homeTab`);
    proves('an empty home page', await home.json(), { success: true, info: '', data: { products: [] } });
    for (const path of ['/_control/ping', '/.env', '/.git/HEAD', '/package.json']) {
      proves(path, (await fetch(url + path)).status, 404);
    }
    const { headers } = await fetch(`${url}/health/live`);
    proves('HSTS', headers.get('strict-transport-security')?.includes('max-age=31536000'), true);
    proves('no product name', headers.get('x-powered-by'), null);
  });
  await step('On SIGTERM every accepted request is answered, and the exit code is 0', async () => {
    const answers = Array.from({ length: 50 }, async () => (await fetch(`${url}/api/v1/product/tabList`)).status);
    await answers[0];
    running.process.kill('SIGTERM');
    const statuses = (await Promise.allSettled(answers)).flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value] : [],
    );
    proves('complete answers', new Set(statuses), new Set([200]));
    const code = running.process.exitCode ?? ((await once(running.process, 'exit')) as [number | null])[0];
    proves('the exit code', code, 0);
  });
  console.log(`\n${told()} steps, every one as it should be.`);
} catch (error) {
  console.error(`\nA false note: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function residentMegabytes({ process: { pid } }: Running): string {
  const status = process.platform === 'linux' ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  return kilobytes ? String(Math.round(Number(kilobytes) / 1024)) : '?';
}
