import type { Logger } from '@nestjs/common';
import { DomainError } from '../../../common/domain-error.js';
import { Semaphore } from '../../../common/semaphore.js';

/** Calls to WeChat at once. */
const PARALLEL = 8;

/** One that fails holds up no other; it comes up again. */
export async function inParallel<T>(
  items: readonly T[],
  logger: Logger,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const places = new Semaphore(PARALLEL);
  const attempt = async (item: T): Promise<void> => {
    try {
      await work(item);
    } catch (error) {
      if (error instanceof DomainError) logger.warn(`comes up again: ${error.message}`);
      else logger.error(error);
    }
  };
  await Promise.all(items.map((item) => places.run(() => attempt(item))));
}
