import { id, REFUSED, type Codec } from '../../../protocols/scalars.js';

/** A payment's number, or the random text that the web wire calls payment_id. */
export const paymentKey: Codec<string> = {
  decode: (raw) => {
    const number = id.decode(raw);
    if (number !== REFUSED) return String(number);
    return typeof raw === 'string' && /^LM[0-9a-f]{28}$/.test(raw) ? raw : REFUSED;
  },
  rule: 'a payment id',
  schema: { oneOf: [{ type: 'integer', minimum: 1 }, { type: 'string' }] },
};
