import { DomainError } from '../common/domain-error.js';
import type { Outcome } from '../common/outcome.js';
import { tooBusy, type Transactions, type Tx } from './transactions.js';

export interface Grouping<Request, Result> {
  /** How many rows a call writes, about: a group stays small enough to hold no lock for long. */
  readonly sizeOf: (request: Request) => number;
  /**
   * Does what one call after the other would do, and returns theirs in order. Raises where it cannot tell whose fault it is:
   * then nothing of the group stays, and each call gets a transaction of its own.
   */
  readonly work: (tx: Tx, requests: readonly Request[]) => Promise<readonly Outcome<Result>[]>;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** While one group is under way, calls gather for the next; after this long (milliseconds) the next goes beside it. */
const PATIENCE = 50;
const MOST_UNDER_WAY = 4;
const MOST_ROWS = 160;

/**
 * HOT PATH (docs/performance.md, "Where the speed lives"): calls of one kind that come while others are under way share the next
 * transaction, because its round trips and its commit cost more than all else. A call that comes alone waits for nobody. A group
 * is tried once: where it is refused, loses a deadlock or waits for a lock in vain, each of its calls goes alone.
 */
export function grouped<Request, Result>(
  transactions: Transactions,
  { sizeOf, work }: Grouping<Request, Result>,
): (request: Request) => Promise<Result> {
  const waiting: Waiting<Request, Result>[] = [];
  let underWay = 0;
  let begun = Number.NEGATIVE_INFINITY;

  const start = (patience = PATIENCE): void => {
    const patient = underWay > 0 && performance.now() - begun < patience;
    if (patient || underWay === MOST_UNDER_WAY || waiting.length === 0) return;
    underWay += 1;
    begun = performance.now();
    // A timer may be early by the clock that is asked above.
    const impatience = setTimeout(() => start(0), PATIENCE);
    setImmediate(() => {
      void runGroup(takeGroup()).finally(() => {
        clearTimeout(impatience);
        underWay -= 1;
        start();
      });
    });
  };

  const takeGroup = (): Waiting<Request, Result>[] => {
    let [count, rows] = [0, 0];
    while (count < waiting.length && (count === 0 || rows + sizeOf(waiting[count].request) <= MOST_ROWS)) {
      rows += sizeOf(waiting[count].request);
      count += 1;
    }
    const group = waiting.splice(0, count);
    for (const { timer } of group) clearTimeout(timer);
    return group;
  };

  const runGroup = async (group: readonly Waiting<Request, Result>[]): Promise<void> => {
    if (group.length === 0) return;
    const requests = group.map(({ request }) => request);
    let attempts = 0;
    let raised: unknown;
    try {
      const outcomes = await transactions.run(async (tx) => {
        try {
          attempts += 1;
          if (attempts > 1 && group.length > 1) throw new Error('a group is tried once');
          return await work(tx, requests);
        } catch (error) {
          raised = error;
          throw error;
        }
      });
      group.forEach((call, index) => settle(call, outcomes[index]));
    } catch (error) {
      // Only what the work itself has raised says that nothing is done: a COMMIT that failed may have been one.
      if (group.length === 1 || error !== raised) group.forEach((call) => call.reject(error));
      else await Promise.all(group.map((call) => runGroup([call])));
    }
  };

  return (request) =>
    new Promise((resolve, reject) => {
      const expire = (): void => {
        waiting.splice(waiting.indexOf(call), 1);
        reject(tooBusy());
      };
      const call = { request, resolve, reject, timer: setTimeout(expire, transactions.placeTimeout) };
      waiting.push(call);
      start();
    });
}

function settle<Request, Result>(call: Waiting<Request, Result>, outcome: Outcome<Result>): void {
  if (outcome instanceof DomainError) call.reject(outcome);
  else call.resolve(outcome);
}
