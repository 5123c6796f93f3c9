import { Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Config } from '../../config/config.js';
import { WechatLoginClient } from './wechat-login.client.js';
import { WechatPayClient } from './wechat-pay.client.js';

const CLIENTS = [WechatLoginClient, WechatPayClient];

/** The outgoing side of WeChat. `Config` and `Clock` come from a global module. */
@Module({
  providers: CLIENTS.map((Client) => ({
    provide: Client,
    inject: [Config, Clock],
    useFactory: (config: Config, clock: Clock) => new Client(config.wechat, () => clock.now()),
  })),
  exports: CLIENTS,
})
export class WechatModule {}
