interface DriverError {
  readonly errno?: number;
  readonly code?: string;
  /** mysql2: the connection is of no use any more. */
  readonly fatal?: boolean;
  readonly driverError?: DriverError;
}

function driverError(error: unknown): DriverError {
  const outer = (typeof error === 'object' && error !== null ? error : {}) as DriverError;
  return outer.driverError ?? outer;
}

/** Deadlock, lock wait time-out, snapshot conflict: the transaction is lost, nothing of it stays, the whole may run again. */
const LOST_TRANSACTION = new Set([1213, 1205, 1020]);
/** Server gone, shutting down, Galera node not ready, too many connections. */
const SERVER_AWAY = new Set([1040, 1047, 1053, 1158, 1159, 1160, 1161, 1927, 2002, 2003, 2006, 2013]);
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'PROTOCOL_CONNECTION_LOST',
  'POOL_CLOSED',
]);

export function isLostTransaction(error: unknown): boolean {
  const { errno, code } = driverError(error);
  return LOST_TRANSACTION.has(errno ?? 0) || (code?.startsWith('SQLITE_BUSY') ?? false) || code === 'SQLITE_LOCKED';
}

/** What this process remembered is not so any more: to be thrown inside a transaction, which then runs again as a whole. */
export function recordHasChanged(message: string): Error {
  return Object.assign(new Error(message), { errno: 1020 });
}

export function isDuplicateKey(error: unknown): boolean {
  const { errno, code } = driverError(error);
  return errno === 1062 || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

export function isCheckViolation(error: unknown): boolean {
  const { errno, code } = driverError(error);
  return errno === 4025 || errno === 3819 || code === 'SQLITE_CONSTRAINT_CHECK';
}

export function isDatabaseAway(error: unknown): boolean {
  const { errno, code, fatal } = driverError(error);
  // What is asked of a connection that was lost a moment ago fails without a code.
  if (fatal && code === undefined) return true;
  return SERVER_AWAY.has(errno ?? 0) || CONNECTION_CODES.has(code ?? '');
}

/** Of a connection: it is lost, or its statement took too long and may still be running on the server. */
export function isUnusable(error: unknown): boolean {
  return isDatabaseAway(error) || driverError(error).code === 'PROTOCOL_SEQUENCE_TIMEOUT';
}
