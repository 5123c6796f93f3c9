import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;
const DATABASES = ['mariadbd', 'mysqld'];

/** Seconds of CPU that a process has used, by all its threads; null where the system does not tell. */
export function cpuOf(pid: number | null): number | null {
  const stat = pid === null ? null : readProc(`${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident megabytes; null where the system does not tell. */
export function residentOf(pid: number): number | null {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readProc(`${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** The process of the database server when it runs on this machine and is the only one. */
export function findDatabasePid(url: string): number | null {
  if (!URL.canParse(url) || !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return null;
  const pids = listProc().filter((name) => DATABASES.includes((readProc(`${name}/comm`) ?? '').trim()));
  return pids.length === 1 ? Number(pids[0]) : null;
}

function listProc(): string[] {
  return process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
}

function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return null;
  }
}

const running = new Set<ChildProcess>();

function keep(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export function startNode(args: readonly string[], options: Parameters<typeof spawn>[2]): ChildProcess {
  return keep(spawn(process.execPath, args, options));
}

/** A process of our own, `file` beside the built benchmark; it ends when we do. */
export function startHelper(file: string, args: readonly string[] = []): ChildProcess {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  return keep(fork(new URL(file, import.meta.url), [...args], { stdio: [...stdio], serialization: 'advanced' }));
}

/** The next message of a helper. @throws when it ends instead */
export function messageOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const received = (message: unknown): void => {
      child.off('exit', ended);
      resolve(message as T);
    };
    const ended = (code: number | null): void => {
      child.off('message', received);
      reject(new Error(`${child.spawnargs.slice(1, 3).join(' ')} ended (${code})`));
    };
    child.once('message', received).once('exit', ended);
  });
}

/** Returns when it has ended; it is killed when it takes longer than ten seconds. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
