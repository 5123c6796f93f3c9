import { Id, Str } from '../../protocols/fields.js';
import type { AddressText, StoredAddress } from './addresses.service.js';

export class AddressDto {
  /** Who receives. */
  @Str(0, 64, { example: '小明' })
  name!: string;

  @Str(0, 255, { example: '广东省深圳市南山区' })
  address!: string;

  @Str(0, 32, { example: '18089876534' })
  phoneNumber!: string;
}

export class ModifyAddressDto extends AddressDto {
  @Id({ example: 3 })
  addressId!: number;
}

export class AddressIdDto {
  @Id({ example: 3 })
  addressId!: number;
}

/** The document spells the id of the default with an underscore. */
export class DefaultAddressDto {
  @Id({ example: 4 })
  address_id!: number;
}

export function addressText(dto: AddressDto): AddressText {
  return { name: dto.name, address: dto.address, phone: dto.phoneNumber };
}

export function addressView({ id, name, address, phone }: StoredAddress): object {
  return { addressId: Number(id), name, address, phoneNumber: phone };
}
