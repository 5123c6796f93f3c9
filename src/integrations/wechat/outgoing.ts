export interface OutgoingRequest {
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
  /** Time-outs or connection failures in a row after which calls are refused without being sent. */
  readonly failuresToOpen: number;
  /** How long they are refused before one call is let through as a trial, in milliseconds. */
  readonly openMs: number;
}

const DEFAULT_LIMITS: OutgoingLimits = { maxInFlight: 64, failuresToOpen: 12, openMs: 2000 };
const MAX_REPLY_BYTES = 1024 * 1024;

/** HTTP towards one host: keep-alive, one deadline for the whole call, a bound on memory, no redirects, and a circuit breaker, so that a slow WeChat costs the other routes nothing. */
export class Outgoing {
  private inFlight = 0;
  private consecutiveFailures = 0;
  private closedUntil = 0;

  constructor(private readonly limits: OutgoingLimits = DEFAULT_LIMITS) {}

  /** @throws OutgoingFailure */
  async send(request: OutgoingRequest, timeoutMs: number, maxBytes = MAX_REPLY_BYTES): Promise<OutgoingReply> {
    this.enter();
    try {
      const reply = await exchange(request, timeoutMs, maxBytes);
      this.consecutiveFailures = 0;
      return reply;
    } catch (error) {
      this.consecutiveFailures += 1;
      if (this.consecutiveFailures >= this.limits.failuresToOpen)
        this.closedUntil = performance.now() + this.limits.openMs;
      throw error;
    } finally {
      this.inFlight -= 1;
    }
  }

  private enter(): void {
    const tripped = this.consecutiveFailures >= this.limits.failuresToOpen;
    const now = performance.now();
    if (this.inFlight >= this.limits.maxInFlight || (tripped && now < this.closedUntil)) {
      throw new OutgoingFailure('overloaded');
    }
    if (tripped) this.closedUntil = now + this.limits.openMs;
    this.inFlight += 1;
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
