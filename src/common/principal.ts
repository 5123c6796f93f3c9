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

/** What a dialect found in the request, not yet checked. */
export type Credential =
  { readonly kind: 'bearer'; readonly token: string } | { readonly kind: 'cookie'; readonly token: string };

/** Turns credentials into principals; implemented by the auth feature. */
export abstract class Authenticator {
  /** @throws DomainError `invalid_token` for a bad, expired or revoked credential */
  abstract authenticate(credential: Credential): Promise<Principal>;
}
