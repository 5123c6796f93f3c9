import { describe, expect, it } from '@jest/globals';
import { Semaphore, SemaphoreRefusal } from './semaphore.js';

describe('Semaphore', () => {
  it('lets as many in as there are places, the rest in order of arrival', async () => {
    const semaphore = new Semaphore(1);
    const seen: number[] = [];
    const first = await semaphore.acquire();
    const others = [1, 2, 3].map((name) => semaphore.run(async () => void seen.push(name)));
    expect(seen).toEqual([]);
    first();
    await Promise.all(others);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('gives the place back when the work throws', async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await semaphore.run(async () => 'next')).toBe('next');
  });

  it('refuses who waits too long, and serves whoever stood behind him', async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire();
    const patient = semaphore.run(async () => 'served');
    await expect(semaphore.acquire(1)).rejects.toEqual(new SemaphoreRefusal('timeout'));
    release();
    expect(await patient).toBe('served');
  });

  it('refuses at once when the queue is full', async () => {
    const semaphore = new Semaphore(1, 1);
    const release = await semaphore.acquire();
    const waiting = semaphore.acquire();
    await expect(semaphore.acquire()).rejects.toEqual(new SemaphoreRefusal('full'));
    release();
    (await waiting)();
  });
});
