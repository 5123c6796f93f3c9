import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Address, AddressBook } from './address.entity.js';
import { AddressesApiV1Controller } from './addresses.api-v1.controller.js';
import { AddressesService } from './addresses.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Address, AddressBook])],
  controllers: [AddressesApiV1Controller],
  providers: [AddressesService],
})
export class AddressesModule {}
