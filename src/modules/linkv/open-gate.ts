import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import { isFreshNonce, vouchedParameters, type Parameters } from './open-sign.js';
import { PartnerApps, type PartnerApp } from './partner-apps.service.js';

/** A request whose signature is good. */
export interface SignedRequest {
  readonly app: PartnerApp;
  /** Everything as received. */
  readonly sent: Parameters;
  /** What the signature covers, without empty values. */
  readonly given: Parameters;
}

/** The open wire's credential: who calls is whose secret signed. */
@Injectable()
export class OpenGate {
  constructor(
    private readonly apps: PartnerApps,
    private readonly clock: Clock,
  ) {}

  /**
   * A nonce that was seen before is fine: LinkV's SDKs resend identical requests (linkv.md, Request).
   * @throws DomainError `invalid` when one of the three is missing; `forbidden` for an unknown app and a stale nonce;
   * `unauthenticated` for a wrong signature
   */
  async admit(sent: Parameters): Promise<SignedRequest> {
    const { app_id: appId, nonce_str: nonce, sign } = sent;
    if (!appId || !nonce || !sign) throw new DomainError('invalid', 'app_id, nonce_str and sign are required');
    const app = await this.apps.findActive(appId);
    if (!app) throw new DomainError('forbidden', 'unknown app_id');
    if (!isFreshNonce(nonce, this.clock.now())) throw new DomainError('forbidden', 'nonce_str is malformed or stale');
    const given = vouchedParameters(sent, app.secrets);
    if (!given) throw new DomainError('unauthenticated', 'sign err');
    return { app, sent, given };
  }
}
