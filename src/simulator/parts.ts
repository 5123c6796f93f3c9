import type { Bills } from './books/bills.js';
import type { Books } from './books/books.js';
import type { Payer } from './books/payer.js';
import type { Refunds } from './books/refunds.js';
import type { Trades } from './books/trades.js';
import type { CallFault, Faults } from './faults.js';
import type { KeyMode, SimulatorKeys } from './keys.js';
import type { LoginSide } from './login.js';
import type { Notifier } from './notifier.js';
import type { RouteName } from './routes.js';
import type { SimClock } from './sim-clock.js';

/** What a simulated WeChat is made of. */
export interface Parts {
  readonly keys: SimulatorKeys;
  readonly keyMode: KeyMode;
  readonly clock: SimClock;
  readonly login: LoginSide;
  readonly books: Books;
  readonly trades: Trades;
  readonly payer: Payer;
  readonly refunds: Refunds;
  readonly bills: Bills;
  readonly notifier: Notifier;
  readonly faults: Faults<RouteName, CallFault>;
  readonly log: CallRecord[];
}

export interface CallRecord {
  readonly at: number;
  readonly route: RouteName | 'unknown';
  readonly method: string;
  /** Without the query on the login side, which holds secrets. */
  readonly path: string;
  readonly body: string;
  readonly fault: string | null;
  /** HTTP status, or 0 when the connection was dropped. */
  readonly status: number;
}
