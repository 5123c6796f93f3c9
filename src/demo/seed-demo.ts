import type { INestApplicationContext } from '@nestjs/common';
import { Permission } from '../common/permission.js';
import { Config } from '../config/config.js';
import { DEMO_APP_ID } from '../config/development.js';
import { Idempotency } from '../database/idempotency.js';
import { WechatLoginClient } from '../integrations/wechat/wechat-login.client.js';
import { RechargeItems } from '../modules/payments/recharge/recharge-items.service.js';
import { CatalogueService } from '../modules/products/catalogue.service.js';
import { ShopService } from '../modules/products/shop.service.js';
import { HomeService } from '../modules/tabs/home.service.js';
import { TabsService } from '../modules/tabs/tabs.service.js';
import { UsersService, type IdentityKey } from '../modules/users/users.service.js';
import { DEMO_HOME, DEMO_PRODUCTS, DEMO_RECHARGE_ITEMS, DEMO_TABS } from './demo-products.js';

const NAMES = { 'merchant-a': '李记鲜肉铺', 'merchant-b': '山野果茶行', root: '商城管理员' } as const;
const MERCHANT = Permission.User | Permission.Merchant;
const HOME_PICTURES = 3;

type DemoUser = keyof typeof NAMES;

/** Fills an empty mall with something to look at (`SEED_DEMO`). What is there stays as it is, so it may run at every start. */
export async function seedDemo(app: INestApplicationContext): Promise<void> {
  const users = {
    'merchant-a': await demoUser(app, 'merchant-a'),
    'merchant-b': await demoUser(app, 'merchant-b'),
    root: await demoUser(app, 'root'),
  };
  const ids = await addProducts(app, users);
  if (!ids) return;
  const idsOf = (titles: readonly string[]): number[] => titles.flatMap((title) => ids[title] ?? []);
  for (const [name, titles] of Object.entries(DEMO_TABS)) await app.get(TabsService).addTab(name, idsOf(titles));
  await app.get(HomeService).recommend(idsOf(DEMO_HOME));
  await app.get(HomeService).setPictures(HOME_PICTURES);
  for (const item of DEMO_RECHARGE_ITEMS) await app.get(RechargeItems).add(item);
}

/** The user that the simulator's code `demo-<name>` logs in; with a real WeChat nobody can log in as him. */
async function demoUser(app: INestApplicationContext, name: DemoUser): Promise<number> {
  const users = app.get(UsersService);
  const identity = await identityOf(app, name);
  const known = await users.findByIdentity(identity);
  if (known) return known.id;
  const { id } = await users.signIn(
    { ...identity, unionid: null },
    { name: NAMES[name] },
    false,
    async (_, user) => user,
  );
  await users.setPermission(id, name === 'root' ? MERCHANT | Permission.Root : MERCHANT);
  return id;
}

async function identityOf(app: INestApplicationContext, name: DemoUser): Promise<IdentityKey> {
  const { wechat } = app.get(Config);
  if (wechat.mode !== 'simulator') return { appId: DEMO_APP_ID, openid: name };
  const { openid } = await app.get(WechatLoginClient).codeToSession(`demo-${name}`);
  return { appId: wechat.miniProgram.appId, openid };
}

/** Ids by title, or null when the demo's products were there already, perhaps changed since. */
async function addProducts(
  app: INestApplicationContext,
  owners: Readonly<Record<DemoUser, number>>,
): Promise<Record<string, number> | null> {
  const page = { from: 0, length: 1 };
  if ((await app.get(CatalogueService).listOwned(owners['merchant-a'], page)).length > 0) return null;
  const ref = { scope: 'demo', key: `products of ${owners['merchant-a']}`, hash: '', replayed: false };
  const ids = await app.get(Idempotency).once(ref, async (tx) => {
    const added: Record<string, number> = {};
    for (const name of ['merchant-a', 'merchant-b'] as const) {
      for (const product of DEMO_PRODUCTS[name]) {
        const draft = { ...product, icon: '', pictureNumber: 2, detailPictureNumber: 1 };
        added[product.title] = await app.get(ShopService).addProductIn(tx, owners[name], draft);
      }
    }
    return added;
  });
  return ref.replayed ? null : ids;
}
