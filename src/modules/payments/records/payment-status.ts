/** `closed`: given up, and closed at WeChat; `failed`: WeChat never took it. What was refunded is an amount, not a state. */
export type PaymentStatus = 'pending' | 'captured' | 'closed' | 'failed';

/**
 * Money that really arrived is booked from every state but `captured`: WeChat may take a payment in the moment in which we
 * close it. Nothing leaves `captured`.
 */
export const PAYMENT_TRANSITIONS: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  pending: ['captured', 'closed', 'failed'],
  closed: ['captured'],
  failed: ['captured'],
  captured: [],
};

/**
 * `pending`: not yet accepted by WeChat; `processing`: accepted; `abnormal`: the money could not be delivered (a closed bank
 * card), a person must act at WeChat, after which it may still succeed. `presumed`: WeChat says of a payment that money of it went
 * back, but not yet how much and under which number: booked as the whole until it does.
 */
export type RefundStatus = 'pending' | 'processing' | 'abnormal' | 'presumed' | 'succeeded' | 'failed';

export const REFUND_TRANSITIONS: Readonly<Record<RefundStatus, readonly RefundStatus[]>> = {
  pending: ['processing', 'abnormal', 'succeeded', 'failed'],
  processing: ['abnormal', 'succeeded', 'failed'],
  abnormal: ['processing', 'succeeded', 'failed'],
  presumed: ['succeeded', 'failed'],
  succeeded: [],
  failed: [],
};

/** From which states a guarded UPDATE may move a row to `to`. */
export function sourcesOf<S extends string>(transitions: Readonly<Record<S, readonly S[]>>, to: S): S[] {
  return (Object.keys(transitions) as S[]).filter((from) => transitions[from].includes(to));
}
