import { Id, Str } from '../../protocols/fields.js';
import { ViewId, ViewInt } from '../../protocols/view-fields.js';
import type { AddressText } from './addresses.service.js';
import type { Address } from './address.entity.js';

export class AddressDto {
  /** Who receives. */
  @Str(0, 64, { example: '小明' }) name!: string;
  @Str(0, 255, { example: '广东省深圳市南山区' }) address!: string;
  @Str(0, 32, { example: '18089876534' }) phoneNumber!: string;
}

export class ModifyAddressDto extends AddressDto {
  @Id({ example: 3 }) addressId!: number;
}

export class AddressIdDto {
  @Id({ example: 3 }) addressId!: number;
}

/** The document spells the id of the default with an underscore. */
export class DefaultAddressDto {
  @Id({ example: 4 }) address_id!: number;
}

export class AddressView {
  @ViewId() addressId!: number;
  /** Who receives. */
  name!: string;
  address!: string;
  phoneNumber!: string;
}

export class AddressListView {
  address!: AddressView[];
}

export class DefaultAddressView {
  /** 0 for none. */
  @ViewInt() address_id!: number;
}

export const ADDRESS_EXAMPLE: AddressView = {
  addressId: 2,
  name: '小明',
  address: '广东省深圳市南山区',
  phoneNumber: '18089876534',
};

export function addressText(dto: AddressDto): AddressText {
  return { name: dto.name, address: dto.address, phone: dto.phoneNumber };
}

export function addressView({ id, name, address, phone }: Address): AddressView {
  return { addressId: id, name, address, phoneNumber: phone };
}
