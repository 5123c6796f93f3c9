import { Module } from '@nestjs/common';
import { UsersApiV1Controller } from './users.api-v1.controller.js';
import { UsersService } from './users.service.js';

@Module({ controllers: [UsersApiV1Controller], providers: [UsersService], exports: [UsersService] })
export class UsersModule {}
