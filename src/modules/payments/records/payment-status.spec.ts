import { describe, expect, it } from '@jest/globals';
import { PAYMENT_TRANSITIONS, REFUND_TRANSITIONS, sourcesOf } from './payment-status.js';

describe('the payment state machine', () => {
  it('captures from every state but captured: money that arrived is never dropped', () => {
    expect(sourcesOf(PAYMENT_TRANSITIONS, 'captured').sort()).toEqual(['closed', 'failed', 'pending']);
  });

  it('closes and fails only what is pending', () => {
    expect(sourcesOf(PAYMENT_TRANSITIONS, 'closed')).toEqual(['pending']);
    expect(sourcesOf(PAYMENT_TRANSITIONS, 'failed')).toEqual(['pending']);
  });

  it('leads nowhere from captured and nowhere to pending', () => {
    expect(PAYMENT_TRANSITIONS.captured).toEqual([]);
    expect(sourcesOf(PAYMENT_TRANSITIONS, 'pending')).toEqual([]);
  });
});

describe('the refund state machine', () => {
  it('ends in succeeded and failed', () => {
    expect(REFUND_TRANSITIONS.succeeded).toEqual([]);
    expect(REFUND_TRANSITIONS.failed).toEqual([]);
  });

  it('presumes nothing that it knows more of', () => {
    expect(sourcesOf(REFUND_TRANSITIONS, 'presumed')).toEqual([]);
  });

  it('lets an abnormal refund still succeed after a person has acted, and keeps it from being final', () => {
    expect(REFUND_TRANSITIONS.abnormal).toContain('succeeded');
    expect(sourcesOf(REFUND_TRANSITIONS, 'abnormal').sort()).toEqual(['pending', 'processing']);
  });
});
