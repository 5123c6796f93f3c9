import { randomUUID } from 'node:crypto';
import { Faults } from './faults.js';
import type { Json } from './http.js';
import { composeNotice, type Message, type Mutation, type Notice, type NoticeKeys, type NoticeKind } from './notice.js';
import type { SimClock } from './sim-clock.js';

/**
 * What happens to a notification. `lose`: never sent. `delay`: sent late. `duplicate`: the first sending goes out `count` times
 * at once. `reorder`: held back until the next one has been delivered. A mutation: the first sending is spoilt, the retries are right.
 */
export type NoticeFault =
  | { readonly kind: 'lose' | 'reorder' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'duplicate'; readonly count: number }
  | { readonly kind: 'mutate'; readonly mutation: Mutation };

export interface Attempt {
  readonly at: number;
  readonly mutation: Mutation | null;
  /** The receiver's HTTP status; 0 when it gave none within five seconds. */
  readonly status: number;
}

export interface NoticeRecord extends Notice {
  readonly url: string;
  readonly outTradeNo: string;
  readonly outRefundNo: string | null;
  readonly attempts: Attempt[];
  state: 'pending' | 'held' | 'delivered' | 'given_up' | 'lost';
  last: Message | null;
}

/** Seconds before each retry: 15 of them in a little over a day. Source: payment notice document. */
const LADDER = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];
const ANSWER_MS = 5000;

/** Sends notifications with WeChat's retries, and keeps a record of every attempt. */
export class Notifier {
  readonly log: NoticeRecord[] = [];
  readonly faults = new Faults<NoticeKind, NoticeFault>();
  /** When set, notifications go to this origin whatever the notify URL names. */
  origin: string | null = null;
  private held: NoticeRecord[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private sending = 0;
  private stopped = false;

  constructor(
    private readonly clock: SimClock,
    private readonly nextKeys: () => NoticeKeys,
  ) {}

  notify(kind: NoticeKind, eventType: string, plain: Json, url: string): NoticeRecord {
    const record = this.record(kind, eventType, plain, url);
    const fault = this.faults.take(kind);
    if (fault?.kind === 'lose') record.state = 'lost';
    else if (fault?.kind === 'reorder') {
      record.state = 'held';
      this.held.push(record);
    } else this.later(fault?.kind === 'delay' ? fault.ms : 0, () => this.first(record, fault));
    return record;
  }

  /** Sends a notification once, outside the ladder, and tells what the receiver answered. */
  async sendOnce(record: NoticeRecord, mutation: Mutation | null): Promise<Attempt> {
    return this.attempt(record, this.compose(record, mutation), mutation);
  }

  /** Sends the very bytes of an earlier sending again: same timestamp, nonce and signature. */
  async replay(record: NoticeRecord): Promise<Attempt> {
    return this.attempt(record, record.last ?? this.compose(record, null), null);
  }

  record(kind: NoticeKind, eventType: string, plain: Json, url: string): NoticeRecord {
    const record: NoticeRecord = {
      id: randomUUID(),
      kind,
      eventType,
      createdAt: this.clock.now(),
      plain,
      url,
      outTradeNo: typeof plain['out_trade_no'] === 'string' ? plain['out_trade_no'] : '',
      outRefundNo: typeof plain['out_refund_no'] === 'string' ? plain['out_refund_no'] : null,
      attempts: [],
      state: 'pending',
      last: null,
    };
    this.log.push(record);
    return record;
  }

  compose(record: NoticeRecord, mutation: Mutation | null): Message {
    return composeNotice(record, this.nextKeys(), this.clock.signingSeconds(), mutation);
  }

  /** Lets go of everything that `reorder` holds, newest first. */
  release(): void {
    const held = this.held.toReversed();
    this.held = [];
    for (const record of held) this.later(0, () => this.first(record, null));
  }

  get busy(): boolean {
    return this.sending > 0 || this.timers.size > 0;
  }

  stop(): void {
    this.stopped = true;
    this.forget();
  }

  /** Drops what waits to be sent. */
  forget(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.held = [];
  }

  private async first(record: NoticeRecord, fault: NoticeFault | null): Promise<void> {
    const sendings = fault?.kind === 'duplicate' ? fault.count : 1;
    await this.step(record, 0, sendings, fault?.kind === 'mutate' ? fault.mutation : null);
  }

  private async step(
    record: NoticeRecord,
    tried: number,
    sendings = 1,
    mutation: Mutation | null = null,
  ): Promise<void> {
    const attempts = Array.from({ length: sendings }, () => this.sendOnce(record, mutation));
    const delivered = (await Promise.all(attempts)).every(accepted) && mutation === null;
    const wait = LADDER[tried];
    if (delivered) {
      record.state = 'delivered';
      this.release();
    } else if (wait === undefined) record.state = 'given_up';
    else this.later(this.clock.scaled(wait), () => this.step(record, tried + 1));
  }

  private later(ms: number, work: () => Promise<void>): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void work();
    }, ms).unref();
    this.timers.add(timer);
  }

  private async attempt(record: NoticeRecord, message: Message, mutation: Mutation | null): Promise<Attempt> {
    this.sending += 1;
    try {
      record.last = message;
      const attempt = { at: this.clock.now(), mutation, status: await post(this.addressOf(record.url), message) };
      record.attempts.push(attempt);
      return attempt;
    } finally {
      this.sending -= 1;
    }
  }

  private addressOf(url: string): string {
    return this.origin ? this.origin + new URL(url).pathname : url;
  }
}

const accepted = (attempt: Attempt): boolean => attempt.status === 200 || attempt.status === 204;

async function post(url: string, message: Message): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: message.headers,
      body: message.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
