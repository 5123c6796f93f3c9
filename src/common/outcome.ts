import { DomainError } from './domain-error.js';

/** What came of one of several calls: a refusal leaves nothing of its own behind, and the others go on. */
export type Outcome<T> = T | DomainError;

/** `value()`, or the refusal that it raised. */
export function outcomeOf<T>(value: () => T): Outcome<T> {
  try {
    return value();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** @throws DomainError when it was refused */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome instanceof DomainError) throw outcome;
  return outcome;
}

/** What was not refused. */
export function granted<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.filter((outcome): outcome is T => !(outcome instanceof DomainError));
}

/** The same outcomes, with `results` in the places of what was {@link granted}. */
export function withResults<T>(outcomes: readonly unknown[], results: readonly T[]): Outcome<T>[] {
  const next = results.values();
  return outcomes.map((outcome) => (outcome instanceof DomainError ? outcome : next.next().value!));
}
