import { HTML_ERROR, type SimReply } from './http.js';

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

/** Faults waiting for the call or notification that they spoil, in the order they were asked for. */
export class Faults<On extends string, Fault> {
  private planned: { readonly on: On | 'any'; readonly fault: Fault; left: number }[] = [];

  /** `times` null means until cleared. */
  plan(on: On | 'any', fault: Fault, times: number | null = 1): void {
    this.planned.push({ on, fault, left: times ?? Infinity });
  }

  take(on: On): Fault | null {
    const found = this.planned.find((item) => item.on === on || item.on === 'any');
    if (!found) return null;
    found.left -= 1;
    if (found.left <= 0) this.planned = this.planned.filter((item) => item !== found);
    return found.fault;
  }

  clear(): void {
    this.planned = [];
  }
}

export function spoilBody(reply: SimReply, fault: CallFault | null, empty = ''): SimReply {
  if (fault?.kind === 'empty') return { ...reply, body: empty };
  if (fault?.kind === 'truncated') return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
  return fault?.kind === 'html' ? HTML_ERROR : reply;
}
