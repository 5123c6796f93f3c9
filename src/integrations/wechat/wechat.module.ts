import { Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Config } from '../../config/config.js';
import { WechatLoginClient } from './wechat-login.client.js';
import { WechatPayClient } from './wechat-pay.client.js';

/** The outgoing side of WeChat. `Config` and `Clock` come from a global module. */
@Module({
  providers: [
    {
      provide: WechatLoginClient,
      inject: [Config, Clock],
      useFactory: ({ wechat }: Config, clock: Clock) => new WechatLoginClient(wechat, () => clock.monotonic()),
    },
    {
      provide: WechatPayClient,
      inject: [Config, Clock],
      useFactory: ({ wechat }: Config, clock: Clock) => new WechatPayClient(wechat, () => clock.now()),
    },
  ],
  exports: [WechatLoginClient, WechatPayClient],
})
export class WechatModule {}
