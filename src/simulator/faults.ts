/** Names of WeChat's calls as the control API and the call log know them. */
export type RouteName =
  | 'jscode2session'
  | 'oauth_token'
  | 'userinfo'
  | 'stable_token'
  | 'phone'
  | 'prepay_jsapi'
  | 'prepay_app'
  | 'query'
  | 'query_by_id'
  | 'close'
  | 'refund'
  | 'query_refund'
  | 'certificates'
  | 'tradebill'
  | 'billdownload'
  | 'echo';

/**
 * `drop_before` loses the request, `drop_after` executes it and loses the answer; `error` answers `code` with `status`, executed
 * first when `after` is set, signed unless `signed` is false. The last seven spoil the answer of an executed call.
 */
export type CallFault =
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'drop_before' | 'drop_after' }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code?: string;
      readonly after?: boolean;
      readonly signed?: boolean;
    }
  | { readonly kind: 'unsigned' | 'wrong_key' | 'wrong_serial' | 'skewed' | 'truncated' | 'html' | 'empty' };

interface Planned {
  readonly on: RouteName | 'any';
  readonly fault: CallFault;
  left: number;
}

/** Faults waiting for their call, in the order they were asked for. */
export class Faults {
  private planned: Planned[] = [];

  /** `times` null means until cleared. */
  plan(on: RouteName | 'any', fault: CallFault, times: number | null = 1): void {
    this.planned.push({ on, fault, left: times ?? Infinity });
  }

  take(route: RouteName): CallFault | null {
    const found = this.planned.find((item) => item.on === route || item.on === 'any');
    if (!found) return null;
    found.left -= 1;
    if (found.left <= 0) this.planned = this.planned.filter((item) => item !== found);
    return found.fault;
  }

  clear(): void {
    this.planned = [];
  }
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

const KEPT_CALLS = 20_000;

/** Every call WeChat's side received, so that a test can assert that it received none. */
export class CallLog {
  readonly calls: CallRecord[] = [];

  add(call: CallRecord): void {
    this.calls.push(call);
    if (this.calls.length > KEPT_CALLS) this.calls.shift();
  }
}
