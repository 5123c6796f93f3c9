import DataLoader from 'dataloader';
import { hasWaitedInVain } from './errors.js';
import { padded, type Padded } from './sql.js';

/** Statements of one kind of look-up that are under way: while they are, look-ups gather and go as one. One slow statement stops none. */
const MOST_UNDER_WAY = 2;

/**
 * HOT PATH (docs/performance.md, "Where the speed lives"): a look-up by key whose calls of one turn of the event loop go to the
 * database as one statement, because under load a round trip costs more than the row. `read` gets each key once, at most `most` of
 * them, and the last of them again until their number is a power of two, so that few texts are prepared; keys that it does not
 * find are null. Look-ups that wait behind a statement which is given up are given up with it, so that nobody waits twice.
 */
export function batched<K extends string | number, V>(
  read: (keys: Padded<K>) => Promise<ReadonlyMap<K, V>>,
  most = 64,
): (key: K) => Promise<V | null> {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  const start = (dispatch: () => void): void => {
    underWay += 1;
    setImmediate(dispatch);
  };
  let refusal: unknown = null;
  const refuseWaiting = (error: unknown): void => {
    refusal = error;
    for (const dispatch of waiting.splice(0)) dispatch();
    refusal = null;
  };
  const find = async (keys: readonly K[]): Promise<(V | null)[]> => {
    if (refusal) throw refusal;
    try {
      const found = await read(padded([...new Set(keys)]));
      return keys.map((key) => found.get(key) ?? null);
    } catch (error) {
      if (hasWaitedInVain(error)) refuseWaiting(error);
      throw error;
    } finally {
      underWay -= 1;
      const next = waiting.shift();
      if (next) start(next);
    }
  };
  const loader = new DataLoader(find, {
    cache: false,
    maxBatchSize: most,
    batchScheduleFn: (dispatch) => void (underWay < MOST_UNDER_WAY ? start(dispatch) : waiting.push(dispatch)),
  });
  return (key) => loader.load(key);
}
