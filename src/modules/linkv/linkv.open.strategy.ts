import { createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Clock } from '../../common/clock.js';
import { DomainError } from '../../common/domain-error.js';
import type { WireRequest } from '../../protocols/dialect.js';
import { openParameters } from '../../protocols/dialects/open-parameters.js';
import { Passport, RequestStrategy } from '../../protocols/passport.js';
import { refuseHiddenParameters } from './linkv.open.dto.js';
import { contentHash, isFreshNonce, verifiedParameters, type Parameters } from './open-sign.js';
import { PartnerApps, type PartnerApp } from './partner-apps.service.js';

interface Signer {
  readonly app: PartnerApp;
  /** Everything as received. */
  readonly sent: Parameters;
}

/** The open wire's credential: who calls is whose secret signed. What the signature does not cover was not sent. */
@Injectable()
export class LinkvStrategy extends PassportStrategy(RequestStrategy, 'linkv') {
  constructor(
    passport: Passport,
    private readonly apps: PartnerApps,
    private readonly clock: Clock,
  ) {
    super();
    passport.use('linkv', this);
  }

  /**
   * A nonce that was seen before is fine: LinkV's SDKs resend identical requests (docs/linkv.md, Request).
   * @throws DomainError `invalid` when one of the three is missing; `forbidden` for an unknown app and a stale nonce;
   * `unauthenticated` for a wrong signature
   */
  async validate(request: WireRequest): Promise<Signer> {
    const sent = openParameters(request);
    const { app_id: appId, nonce_str: nonce, sign } = sent;
    if (!appId || !nonce || !sign) throw new DomainError('invalid', 'app_id, nonce_str and sign are required');
    const app = await this.apps.findActive(appId);
    if (!app) throw new DomainError('forbidden', 'unknown app_id');
    if (!isFreshNonce(nonce, this.clock.now())) throw new DomainError('forbidden', 'nonce_str is malformed or stale');
    const given = verifiedParameters(sent, app.secrets);
    if (!given) throw new DomainError('unauthenticated', 'sign err');
    if (app.unusedSecret !== null && verifiedParameters(sent, app.secrets.slice(0, 1))) {
      await this.apps.markUsed(app.appId, app.unusedSecret);
    }
    refuseHiddenParameters(sent);
    request.signedInput = given;
    return { app, sent };
  }
}

function signerOf(context: ExecutionContext): Signer {
  return context.switchToHttp().getRequest<WireRequest>().signer as Signer;
}

/** The partner whose secret signed the request. */
export const CurrentApp = createParamDecorator((_: unknown, context: ExecutionContext) => signerOf(context).app);

/** What tells a repeated request of this route from another one under the same request_id. */
export const ContentHash = createParamDecorator((route: string, context: ExecutionContext) =>
  contentHash(route, signerOf(context).sent),
);
