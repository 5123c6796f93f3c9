/** Who waits for a call: somebody who logs in, somebody who pays, somebody else, or nobody. */
export type Lane = 'login' | 'payment' | 'other' | 'jobs';

/** Who a call is for. */
export interface CallFor {
  /** Default: `other`. */
  readonly lane?: Lane | undefined;
  /** One person, by whatever names him; absent where nobody asks for himself. */
  readonly caller?: string | number | undefined;
}

export interface OutgoingRequest extends CallFor {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The exact bytes to send; what was signed must be what is sent. */
  readonly body?: string;
}

export interface OutgoingReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** `overloaded`: nothing was sent. With every other reason the other side may have received and executed the call. */
export type OutgoingFailureReason = 'timeout' | 'network' | 'too_large' | 'redirect' | 'overloaded';

/** Carries neither URL nor cause: both can hold the app secret. */
export class OutgoingFailure extends Error {
  constructor(readonly reason: OutgoingFailureReason) {
    super(`The call to WeChat failed: ${reason}`);
    this.name = 'OutgoingFailure';
  }
}

export interface OutgoingLimits {
  /** Calls in flight at once; one more is refused at once, it does not wait. */
  readonly maxInFlight: number;
  /** Of these for one caller. */
  readonly maxPerCaller?: number;
  /** Places kept for a lane while it does not use them; what is left of them all serves whoever comes first. */
  readonly shares?: Shares;
  /** Of one lane: time-outs or connection failures in a row after which its calls are refused without being sent. */
  readonly failuresToOpen: number;
  /** How long they are refused before one call is let through as a trial, in milliseconds. */
  readonly openMs: number;
}

export type Shares = { readonly [L in Lane]?: number };

export const DEFAULT_LIMITS: OutgoingLimits = { maxInFlight: 64, maxPerCaller: 8, failuresToOpen: 12, openMs: 2000 };
const MAX_REPLY_BYTES = 1024 * 1024;

interface LaneState {
  readonly share: number;
  inFlight: number;
  consecutiveFailures: number;
  /** Of `performance.now()`. */
  closedUntil: number;
}

/**
 * HTTP towards one host: keep-alive, one deadline for the whole call, a bound on memory, no redirects, and a circuit breaker, so that
 * a slow WeChat costs the other routes nothing; a share of the places and a breaker for each lane, so that none starves another.
 */
export class Outgoing {
  private readonly lanes: Readonly<Record<Lane, LaneState>>;
  /** Calls in flight by caller. */
  private readonly callers = new Map<string | number, number>();

  constructor(private readonly limits: OutgoingLimits = DEFAULT_LIMITS) {
    const laneOf = (lane: Lane): LaneState => {
      return { share: limits.shares?.[lane] ?? 0, inFlight: 0, consecutiveFailures: 0, closedUntil: 0 };
    };
    this.lanes = { login: laneOf('login'), payment: laneOf('payment'), other: laneOf('other'), jobs: laneOf('jobs') };
  }

  /** @throws OutgoingFailure */
  async send(request: OutgoingRequest, timeoutMs: number, maxBytes = MAX_REPLY_BYTES): Promise<OutgoingReply> {
    const lane = this.lanes[request.lane ?? 'other'];
    this.enter(lane, request.caller);
    try {
      const reply = await exchange(request, timeoutMs, maxBytes);
      lane.consecutiveFailures = 0;
      return reply;
    } catch (error) {
      lane.consecutiveFailures += 1;
      if (lane.consecutiveFailures >= this.limits.failuresToOpen)
        lane.closedUntil = performance.now() + this.limits.openMs;
      throw error;
    } finally {
      lane.inFlight -= 1;
      this.count(request.caller, -1);
    }
  }

  private enter(lane: LaneState, caller: CallFor['caller']): void {
    const tripped = lane.consecutiveFailures >= this.limits.failuresToOpen;
    const now = performance.now();
    const tooMany = this.countOf(caller) >= (this.limits.maxPerCaller ?? Infinity);
    if (tooMany || this.placesFor(lane) <= 0 || (tripped && now < lane.closedUntil)) {
      throw new OutgoingFailure('overloaded');
    }
    if (tripped) lane.closedUntil = now + this.limits.openMs;
    lane.inFlight += 1;
    this.count(caller, 1);
  }

  private countOf(caller: CallFor['caller']): number {
    return caller === undefined ? 0 : (this.callers.get(caller) ?? 0);
  }

  private count(caller: CallFor['caller'], change: 1 | -1): void {
    if (caller === undefined) return;
    const count = this.countOf(caller) + change;
    if (count === 0) this.callers.delete(caller);
    else this.callers.set(caller, count);
  }

  /** Places that neither are taken nor belong to another lane. */
  private placesFor(lane: LaneState): number {
    const lanes = Object.values(this.lanes);
    const taken = lanes.reduce(
      (sum, one) => sum + (one === lane ? one.inFlight : Math.max(one.inFlight, one.share)),
      0,
    );
    return this.limits.maxInFlight - taken;
  }
}

async function exchange(request: OutgoingRequest, timeoutMs: number, maxBytes: number): Promise<OutgoingReply> {
  const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { 'user-agent': 'livemall', accept: 'application/json', ...request.headers },
      body: request.body,
      redirect: 'manual',
      signal,
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new OutgoingFailure('redirect');
    }
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await readBounded(response, maxBytes),
    };
  } catch (error) {
    if (error instanceof OutgoingFailure) throw error;
    throw new OutgoingFailure(signal.aborted ? 'timeout' : 'network');
  }
}

async function readBounded(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new OutgoingFailure('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
