import { Post, Req } from '@nestjs/common';
import { Public, Wechat } from '../../../protocols/decorators.js';
import type { WireRequest } from '../../../protocols/dialect.js';
import { Doc } from '../../../protocols/doc.js';
import { NotifyService } from './notify.service.js';

/** Open to everybody: the credential is WeChat's signature over the raw body, which the use case verifies while it decrypts. */
@Wechat('api/v1/payment')
export class PaymentsWechatController {
  constructor(private readonly notify: NotifyService) {}

  @Post('notify')
  @Public()
  @Doc({
    zh: '微信支付通知',
    en: 'Payment and refund notifications of WeChat Pay: verified on the raw bytes, answered 204, refused with 4xx.',
  })
  async receive(@Req() { rawBody, headers }: WireRequest): Promise<void> {
    await this.notify.receive(rawBody, headers);
  }
}

/** The same under the path of the liveuser document. */
@Wechat('liveuser/Wx')
export class PostpayWechatController {
  constructor(private readonly notify: NotifyService) {}

  @Post('Postpay')
  @Public()
  @Doc<Record<string, never>>({
    zh: '支付回调',
    en: 'Payment and refund notifications of WeChat Pay: verified on the raw bytes, answered 200 with {}, refused with 4xx.',
    answer: {},
  })
  async postpay(@Req() { rawBody, headers }: WireRequest): Promise<Record<string, never>> {
    await this.notify.receive(rawBody, headers);
    return {};
  }
}
