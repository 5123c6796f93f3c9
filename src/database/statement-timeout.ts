/** A frozen database must not hold a request: a statement that takes longer is given up (milliseconds). */
export const STATEMENT_TIMEOUT = 10_000;
/** Milliseconds between two looks. */
const LOOK_EVERY = 250;

interface UnderWay {
  readonly until: number;
  readonly giveUp: (error: Error) => void;
}

/** The oldest first. */
const underWay = new Set<UnderWay>();
let looking: NodeJS.Timeout | null = null;

/**
 * HOT PATH: calls `giveUp` unless the returned function is called in time. One timer looks after all statements, because the
 * driver's own, one for each, makes a small statement up to twice as dear (docs/performance.md, "Where the speed lives").
 */
export function watched(giveUp: (error: Error) => void): () => void {
  const statement = { until: performance.now() + STATEMENT_TIMEOUT, giveUp };
  underWay.add(statement);
  looking ??= setInterval(look, LOOK_EVERY).unref();
  return () => void underWay.delete(statement);
}

function look(): void {
  const now = performance.now();
  for (const statement of underWay) {
    if (statement.until > now) return;
    underWay.delete(statement);
    statement.giveUp(Object.assign(new Error('the statement took too long'), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' }));
  }
  clearInterval(looking!);
  looking = null;
}
