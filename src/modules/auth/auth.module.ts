import { Global, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WechatModule } from '../../integrations/wechat/wechat.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountsService } from './accounts.service.js';
import { AccessTokens } from './sessions/access-tokens.js';
import { AuthApiV1Controller } from './auth.api-v1.controller.js';
import { AuthLiveuserController } from './auth.liveuser.controller.js';
import { AuthService } from './auth.service.js';
import { AuthWebController } from './auth.web.controller.js';
import { BindingService } from './binding.service.js';
import { LoginFailure } from './passwords/login-failure.entity.js';
import { LoginLockout } from './passwords/login-lockout.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordLogin } from './passwords/password-login.js';
import { BearerStrategy } from './sessions/bearer.strategy.js';
import { CookieStrategy } from './sessions/cookie.strategy.js';
import { Password } from './passwords/password.entity.js';
import { ExpiredSessionsJob } from './sessions/expired-sessions.job.js';
import { LoginSession } from './sessions/login-session.entity.js';
import { RefreshToken } from './sessions/refresh-token.entity.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { SessionsService } from './sessions/sessions.service.js';
import { WechatSignIn } from './wechat-sign-in.js';

@Global()
@Module({
  imports: [
    JwtModule.register({}),
    TypeOrmModule.forFeature([LoginSession, RefreshToken, Password, LoginFailure]),
    UsersModule,
    WechatModule,
  ],
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
    ExpiredSessionsJob,
    BearerStrategy,
    CookieStrategy,
  ],
  exports: [AuthService],
})
export class AuthModule {}
