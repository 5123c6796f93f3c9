import { Module } from '@nestjs/common';
import { AddressesApiV1Controller } from './addresses.api-v1.controller.js';
import { AddressesService } from './addresses.service.js';

@Module({ controllers: [AddressesApiV1Controller], providers: [AddressesService] })
export class AddressesModule {}
