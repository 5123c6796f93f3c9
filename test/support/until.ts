import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until it is so. @throws Error after 20 s */
export async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(5);
  }
}
