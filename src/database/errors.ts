import { DomainError } from '../common/domain-error.js';

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
/** Server gone, shutting down, Galera node not ready, too many connections, idle for too long. */
const SERVER_AWAY = new Set([1040, 1047, 1053, 1158, 1159, 1160, 1161, 1203, 1927, 2002, 2003, 2006, 2013, 4031]);
const CONNECTION_CODES = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
  'ENOTFOUND',
  'PROTOCOL_CONNECTION_LOST',
  'POOL_CLOSED',
]);
/** The server takes no writes: `read_only`, a replica. Another connection may lead to one that does. */
const READ_ONLY = new Set([1290, 1836]);
/** Nothing more can be stored: the disk or the table is full, a file cannot be written. */
const FULL = new Set([3, 1021, 1026, 1114]);
/** What the server cannot do now: memory, threads, the storage engine, a killed or too slow statement, too many prepared ones. */
const CANNOT_NOW = new Set([1030, 1037, 1038, 1041, 1135, 1180, 1226, 1317, 1461, 1637, 1969, 3024]);
const SQLITE_UNWRITABLE = /^SQLITE_(FULL|IOERR|READONLY)/;
const SQLITE_CANNOT_NOW = /^SQLITE_(BUSY|LOCKED|CANTOPEN|NOMEM|PROTOCOL)/;

/** `code` of a statement that took longer than it may. */
export const TIMED_OUT = 'PROTOCOL_SEQUENCE_TIMEOUT';
/** `code` of a wait for a connection that took longer than it may. */
export const NO_CONNECTION = 'NO_CONNECTION';

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

/** A statement, or the wait for a connection, took longer than it may. */
export function hasWaitedInVain(error: unknown): boolean {
  const { code } = driverError(error instanceof DomainError ? error.hints.cause : error);
  return code === TIMED_OUT || code === NO_CONNECTION;
}

/** Of a connection: it is lost, leads to a server that takes no writes, or its statement may still be running. */
export function isUnusable(error: unknown): boolean {
  const { errno, code } = driverError(error);
  return isDatabaseAway(error) || READ_ONLY.has(errno ?? 0) || (code?.startsWith('PROTOCOL_') ?? false);
}

/** The database is there and stores nothing. */
export function isUnwritable(error: unknown): boolean {
  const { errno, code } = driverError(error);
  return READ_ONLY.has(errno ?? 0) || FULL.has(errno ?? 0) || SQLITE_UNWRITABLE.test(code ?? '');
}

/** Nobody's fault who asks, and perhaps over in a moment. */
function isUnavailable(error: unknown): boolean {
  const { errno, code } = driverError(error);
  if (isUnusable(error) || isUnwritable(error) || isLostTransaction(error)) return true;
  return CANNOT_NOW.has(errno ?? 0) || code === NO_CONNECTION || SQLITE_CANNOT_NOW.test(code ?? '');
}

/** DomainError `unavailable` for what the database cannot do now, whether or not it has been done; else the error itself. */
export function withUnavailable(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  return new DomainError('unavailable', 'database unavailable', { retryAfter: 1, cause: driverError(error) });
}
