/** Who is calling: a user of the mall. */
export interface Principal {
  readonly userId: number;
  /** The random public id. */
  readonly uid: string;
  /** As it stands in the database now, never as a token claims. */
  readonly permission: number;
  /** The login this call belongs to; logging out ends it. */
  readonly sessionId: string;
}

/** What a dialect found in the request, not yet checked. The strategy of that kind says who it is. */
export interface Credential {
  readonly kind: 'bearer' | 'cookie';
  readonly token: string;
}

/** What a strategy found behind a good credential. */
export interface Identity {
  readonly principal: Principal;
  /** When the credential ends by itself, in milliseconds since the epoch. */
  readonly validUntil: number;
}
