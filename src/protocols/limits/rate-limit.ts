/**
 * Requests a minute: of one address where nobody is logged in yet, of one user elsewhere. `list` and `search` are for everybody
 * behind one address of a carrier (docs/security.md 2.10).
 */
export const LIMITS = {
  login: 300,
  renewal: 300,
  order: 90,
  payment: 90,
  comment: 90,
  phone: 10,
  refund: 90,
  change: 300,
  inquiry: 300,
  list: 3000,
  search: 900,
} as const;

export type Limited = keyof typeof LIMITS;
