import { Get, Post } from '@nestjs/common';
import { Permission } from '../../common/permission.js';
import { Allow, ApiV1, Input, Public, RateLimit, RoundTrips } from '../../protocols/decorators.js';
import { Doc } from '../../protocols/doc.js';
import { PRODUCT_SUMMARY_EXAMPLE } from '../products/products.api-v1.dto.js';
import {
  AddTabDto,
  ModifyTabDto,
  TabIdDto,
  TabIdView,
  TabListView,
  TabProductsView,
  tabProductsView,
  tabView,
} from './tabs.api-v1.dto.js';
import { TabsService } from './tabs.service.js';

const NO_TAB = { not_found: 'tab not found' };

@ApiV1('product')
export class TabsApiV1Controller {
  constructor(private readonly tabs: TabsService) {}

  @Get('tabList')
  @Public()
  @RateLimit('list')
  @Doc<TabListView>({
    zh: '查询 Tab List',
    en: 'All tabs, in id order.',
    answer: {
      tabs: [
        { tabId: 1, name: 'xxx' },
        { tabId: 2, name: 'xxx' },
        { tabId: 4, name: 'xxx' },
      ],
    },
  })
  async tabList(): Promise<TabListView> {
    return { tabs: (await this.tabs.listTabs()).map(tabView) };
  }

  @Get('tabProducts')
  @RoundTrips(1, { remembered: 0 })
  @Public()
  @RateLimit('list')
  @Doc<TabProductsView>({
    zh: '查询一个 Tab 的商品',
    en: "A tab's listed products in their order.",
    answer: {
      products: [PRODUCT_SUMMARY_EXAMPLE, { ...PRODUCT_SUMMARY_EXAMPLE, id: 3, price: 333, title: '过期牛小排100g' }],
    },
    errors: NO_TAB,
  })
  async tabProducts(@Input() input: TabIdDto): Promise<TabProductsView> {
    return tabProductsView(await this.tabs.listProducts(input.tabId));
  }

  @Post('tabModify')
  @Allow(Permission.Merchant | Permission.Root)
  @Doc({ zh: '修改一个 Tab', en: 'Renames a tab, replaces its products, or both.', errors: NO_TAB })
  async tabModify(@Input() { tabId, name, products }: ModifyTabDto): Promise<void> {
    await this.tabs.modifyTab(tabId, { name, products });
  }

  @Post('tabAdd')
  @Allow(Permission.Root)
  @Doc<TabIdView>({ zh: '增加一个 Tab', en: 'Adds a tab; `tabId` is beyond the document.', answer: { tabId: 4 } })
  async tabAdd(@Input() input: AddTabDto): Promise<TabIdView> {
    return { tabId: await this.tabs.addTab(input.name, input.products) };
  }

  @Post('tabDelete')
  @Allow(Permission.Root)
  @Doc({ zh: '删除一个 Tab', en: 'Deletes a tab; its products stay on sale.', errors: NO_TAB })
  async tabDelete(@Input() input: TabIdDto): Promise<void> {
    await this.tabs.deleteTab(input.tabId);
  }
}
