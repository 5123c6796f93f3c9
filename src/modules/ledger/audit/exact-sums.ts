/**
 * Sums by account id, exact at any size: a number holds each as far as it can, a bigint what is beyond. So an account costs 8 bytes,
 * and only a large one more.
 */
export class ExactSums {
  private readonly held: Float64Array;
  private readonly beyond = new Map<number, bigint>();

  constructor(newestId: number) {
    this.held = new Float64Array(newestId + 1);
  }

  /** An id beyond the newest is no account's. */
  add(id: number, amount: number): void {
    if (id >= this.held.length) return;
    const sum = this.held[id] + amount;
    if (Number.isSafeInteger(sum)) this.held[id] = sum;
    else this.beyond.set(id, (this.beyond.get(id) ?? 0n) + exact(amount));
  }

  of(id: number): bigint {
    return (this.beyond.get(id) ?? 0n) + exact(this.held[id] ?? 0);
  }
}

/** What is no whole number stands in a row that somebody has changed, and its hash tells so: here it counts cut, or as 0. */
export function exact(amount: number): bigint {
  const whole = Math.trunc(Number(amount));
  return Number.isFinite(whole) ? BigInt(whole) : 0n;
}
