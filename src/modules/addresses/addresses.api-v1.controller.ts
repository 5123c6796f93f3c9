import { Get, Post } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Allow, ApiV1, CurrentUser, Input } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import {
  ADDRESS_EXAMPLE,
  AddressDto,
  AddressIdDto,
  AddressListView,
  addressText,
  addressView,
  DefaultAddressDto,
  DefaultAddressView,
  ModifyAddressDto,
} from './addresses.api-v1.dto.js';
import { AddressesService } from './addresses.service.js';

const MISSING = { not_found: 'address not found' };

@ApiV1('address')
export class AddressesApiV1Controller {
  constructor(private readonly addresses: AddressesService) {}

  @Post('addAddress')
  @Allow()
  @Doc({
    zh: '新增收货信息',
    en: 'Adds a shipping address; the first one becomes the default.',
    errors: { conflict: 'at most 100 addresses' },
  })
  async add(@CurrentUser() user: Principal, @Input() input: AddressDto): Promise<void> {
    await this.addresses.add(user.userId, addressText(input));
  }

  @Post('modifyAddress')
  @Allow()
  @Doc({ zh: '修改收货信息', en: 'Replaces the three texts of an address.', errors: MISSING })
  async modify(@CurrentUser() user: Principal, @Input() input: ModifyAddressDto): Promise<void> {
    await this.addresses.modify(user.userId, input.addressId, addressText(input));
  }

  @Post('deleteAddress')
  @Allow()
  @Doc({ zh: '删除收货信息', en: 'Deletes an address; deleting the default leaves none.', errors: MISSING })
  async remove(@CurrentUser() user: Principal, @Input() input: AddressIdDto): Promise<void> {
    await this.addresses.remove(user.userId, input.addressId);
  }

  @Get('address')
  @Allow()
  @Doc<AddressListView>({
    zh: '查询用户收货信息列表',
    en: "All of the caller's addresses, in the order they were added.",
    answer: { address: [ADDRESS_EXAMPLE, { ...ADDRESS_EXAMPLE, addressId: 4 }] },
  })
  async list(@CurrentUser() user: Principal): Promise<AddressListView> {
    return { address: (await this.addresses.list(user.userId)).map(addressView) };
  }

  @Post('modifyDefault')
  @Allow()
  @Doc({ zh: '修改用户默认收货信息', en: 'Chooses the default address.', errors: MISSING })
  async chooseDefault(@CurrentUser() user: Principal, @Input() input: DefaultAddressDto): Promise<void> {
    await this.addresses.chooseDefault(user.userId, input.address_id);
  }

  @Get('default')
  @Allow()
  @Doc<DefaultAddressView>({
    zh: '获取用户默认收货信息',
    en: 'The id of the default address, 0 for none.',
    answer: { address_id: 4 },
  })
  async findDefault(@CurrentUser() user: Principal): Promise<DefaultAddressView> {
    return { address_id: (await this.addresses.findDefault(user.userId)) ?? 0 };
  }
}
