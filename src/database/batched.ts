import DataLoader from 'dataloader';

/** Look-ups in one statement at most. */
const MOST = 64;

/**
 * HOT PATH (docs/performance.md, "Where the speed lives"): a look-up by key whose calls of one turn of the event loop go to the
 * database as one statement, because under load a round trip costs more than the row. `read` gets each key once, and the last of
 * them again until their number is a power of two, so that few texts are prepared; keys that it does not find are null.
 */
export function batched<K extends string | number, V>(
  read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): (key: K) => Promise<V | null> {
  const loader = new DataLoader<K, V | null>(
    async (keys) => {
      const found = await read(padded([...new Set(keys)]));
      return keys.map((key) => found.get(key) ?? null);
    },
    { cache: false, maxBatchSize: MOST, batchScheduleFn: (dispatch) => void setImmediate(dispatch) },
  );
  return (key) => loader.load(key);
}

function padded<K>(keys: K[]): K[] {
  const length = 2 ** Math.ceil(Math.log2(keys.length));
  while (keys.length < length) keys.push(keys[keys.length - 1]);
  return keys;
}
