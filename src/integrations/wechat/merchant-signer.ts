import { createPrivateKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { WechatPayConfig } from '../../config/wechat.config.js';
import { appMessage, authorization, miniProgramMessage, requestMessage } from './apiv3-strings.js';

/** The fields of `wx.requestPayment`, as the mini program passes them on. */
export interface MiniProgramPayment {
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: 'RSA';
  readonly paySign: string;
}

/** The fields of the APP SDK's payment request. */
export interface AppPayment {
  readonly appid: string;
  readonly partnerid: string;
  readonly prepayid: string;
  readonly package: 'Sign=WXPay';
  readonly noncestr: string;
  readonly timestamp: string;
  readonly sign: string;
}

/** Everything that our merchant key signs. */
export class MerchantSigner {
  private readonly key: KeyObject;

  constructor(
    private readonly config: WechatPayConfig,
    private readonly now: () => number,
  ) {
    this.key = createPrivateKey(config.privateKey);
  }

  authorization(method: string, target: string, body: string): string {
    const [timestamp, nonce] = [this.seconds(), newNonce()];
    return authorization({
      mchId: this.config.mchId,
      nonce,
      timestamp,
      serialNo: this.config.serialNo,
      signature: this.sign(requestMessage(method, target, timestamp, nonce, body)),
    });
  }

  miniProgram(appId: string, prepayId: string): MiniProgramPayment {
    const [timeStamp, nonceStr, pack] = [this.seconds(), newNonce(), `prepay_id=${prepayId}`];
    const paySign = this.sign(miniProgramMessage(appId, timeStamp, nonceStr, pack));
    return { timeStamp, nonceStr, package: pack, signType: 'RSA', paySign };
  }

  app(appId: string, prepayId: string): AppPayment {
    const [timestamp, noncestr] = [this.seconds(), newNonce()];
    return {
      appid: appId,
      partnerid: this.config.mchId,
      prepayid: prepayId,
      package: 'Sign=WXPay',
      noncestr,
      timestamp,
      sign: this.sign(appMessage(appId, timestamp, noncestr, prepayId)),
    };
  }

  private seconds(): string {
    return String(Math.floor(this.now() / 1000));
  }

  private sign(message: string): string {
    return sign('sha256', Buffer.from(message), this.key).toString('base64');
  }
}

function newNonce(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}
