import { Global, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { Authenticator } from '../../common/principal.js';
import { WechatModule } from '../../integrations/wechat/wechat.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountsService } from './accounts.service.js';
import { AccessTokens } from './access-tokens.js';
import { AuthApiV1Controller } from './auth.api-v1.controller.js';
import { AuthLiveuserController } from './auth.liveuser.controller.js';
import { AuthService } from './auth.service.js';
import { AuthWebController } from './auth.web.controller.js';
import { BindingService } from './binding.service.js';
import { LoginLockout } from './login-lockout.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordLogin } from './password-login.js';
import { ForgottenLogins } from './forgotten-logins.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SessionsService } from './sessions.service.js';
import { WechatSignIn } from './wechat-sign-in.js';

@Global()
@Module({
  imports: [JwtModule.register({}), UsersModule, WechatModule],
  controllers: [AuthApiV1Controller, AuthLiveuserController, AuthWebController],
  providers: [
    AccessTokens,
    SessionsService,
    RefreshTokens,
    WechatSignIn,
    AuthService,
    PasswordHasher,
    LoginLockout,
    PasswordLogin,
    AccountsService,
    BindingService,
    ForgottenLogins,
    { provide: Authenticator, useExisting: SessionsService },
  ],
  exports: [Authenticator, AuthService],
})
export class AuthModule {}
