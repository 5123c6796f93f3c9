import { Global, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Authenticator } from '../../common/principal.js';
import { WechatModule } from '../../integrations/wechat/wechat.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccessTokens } from './access-tokens.js';
import { AuthApiV1Controller } from './auth.api-v1.controller.js';
import { AuthLiveuserController } from './auth.liveuser.controller.js';
import { AuthService } from './auth.service.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SessionsService } from './sessions.service.js';

@Global()
@Module({
  imports: [JwtModule.register({}), UsersModule, WechatModule],
  controllers: [AuthApiV1Controller, AuthLiveuserController],
  providers: [
    AccessTokens,
    SessionsService,
    RefreshTokens,
    AuthService,
    { provide: Authenticator, useExisting: SessionsService },
  ],
  exports: [Authenticator, AuthService],
})
export class AuthModule {}
