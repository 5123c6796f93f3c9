import { OpenPayments } from '../../src/modules/orders/open-payments.js';
import type { TestApp } from './app.js';

/** What WeChat might know of an unpaid order, as the test says. */
export class ScriptedPayments extends OpenPayments {
  /** Takes the place of the payments of this application. */
  static in(app: TestApp): ScriptedPayments {
    const scripted = new ScriptedPayments();
    Object.assign(app.app.get(OpenPayments), {
      clear: (orderIds: readonly number[]) => scripted.clear(orderIds),
      hasOpen: () => scripted.hasOpen(),
    });
    return scripted;
  }

  readonly asked: number[][] = [];
  /** An attempt to pay is open when the order rows are locked. */
  open = false;
  /** Happens while WeChat is asked, which then answers that it was paid. */
  meanwhile: (() => Promise<void>) | null = null;
  /** WeChat cannot verify. */
  failure: Error | null = null;

  async clear(orderIds: readonly number[]): Promise<'clear' | 'paid'> {
    this.asked.push([...orderIds]);
    if (this.failure) throw this.failure;
    await this.meanwhile?.();
    return this.meanwhile ? 'paid' : 'clear';
  }

  async hasOpen(): Promise<boolean> {
    return this.open;
  }
}
