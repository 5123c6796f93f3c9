import { Module } from '@nestjs/common';
import { UsersApiV1Controller } from './users.api-v1.controller.js';
import { UsersLiveuserController } from './users.liveuser.controller.js';
import { UsersService } from './users.service.js';

@Module({
  controllers: [UsersApiV1Controller, UsersLiveuserController],
  providers: [UsersService],
  exports: [UsersService],
})
export class UsersModule {}
