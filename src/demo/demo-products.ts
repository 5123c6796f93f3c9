import { fen } from '../common/money.js';
import type { ProductDraft } from '../modules/products/product.js';

type DemoProduct = Omit<ProductDraft, 'icon' | 'pictureNumber' | 'detailPictureNumber'>;

const FRESH = '产地直采，冷链配送，签收后请及时冷藏。';
const DRY = '密封包装，置于阴凉干燥处保存。';

/** What each demo merchant sells. */
export const DEMO_PRODUCTS: Readonly<Record<'merchant-a' | 'merchant-b', readonly DemoProduct[]>> = {
  'merchant-a': [
    { title: '没过期猪小排100g', price: fen(2330), stock: 320, description: '新鲜的猪小排。', detail: FRESH },
    { title: '黑猪五花肉500g', price: fen(3680), stock: 150, description: '肥瘦相间，适合红烧。', detail: FRESH },
    { title: '鸡小排100g', price: fen(1290), stock: 260, description: '去骨鸡小排，孩子爱吃。', detail: FRESH },
    { title: '散养土鸡1只', price: fen(8800), stock: 40, description: '林下散养180天。', detail: FRESH },
    { title: '澳洲牛小排250g', price: fen(7990), stock: 80, description: '谷饲牛小排，煎烤皆宜。', detail: FRESH },
    { title: '内蒙古羊肉卷400g', price: fen(4590), stock: 120, description: '涮火锅的羊肉卷。', detail: FRESH },
  ],
  'merchant-b': [
    { title: '云南普洱熟茶357g', price: fen(16800), stock: 60, description: '勐海熟茶，陈化三年。', detail: DRY },
    { title: '西湖龙井明前茶50g', price: fen(19900), stock: 35, description: '明前采摘，手工炒制。', detail: DRY },
    { title: '赣南脐橙5斤装', price: fen(3990), stock: 200, description: '皮薄多汁，酸甜可口。', detail: FRESH },
    { title: '烟台红富士苹果5斤装', price: fen(3290), stock: 180, description: '脆甜多汁的红富士。', detail: FRESH },
    { title: '东北五常大米5kg', price: fen(6990), stock: 90, description: '五常核心产区稻花香。', detail: DRY },
    { title: '新疆若羌灰枣500g', price: fen(2580), stock: 300, description: '自然吊干，肉厚核小。', detail: DRY },
  ],
};

/** Tabs by the titles that they show, in order. */
export const DEMO_TABS: Readonly<Record<string, readonly string[]>> = {
  肉禽: ['没过期猪小排100g', '黑猪五花肉500g', '鸡小排100g', '散养土鸡1只', '澳洲牛小排250g', '内蒙古羊肉卷400g'],
  水果: ['赣南脐橙5斤装', '烟台红富士苹果5斤装'],
  茶叶: ['云南普洱熟茶357g', '西湖龙井明前茶50g'],
  粮油干货: ['东北五常大米5kg', '新疆若羌灰枣500g'],
};

export const DEMO_HOME: readonly string[] = [
  '没过期猪小排100g',
  '赣南脐橙5斤装',
  '西湖龙井明前茶50g',
  '鸡小排100g',
  '东北五常大米5kg',
  '散养土鸡1只',
];

/** The charge is a bonus on top. */
export const DEMO_RECHARGE_ITEMS = [
  { name: '充值50元', money: fen(5000), charge: fen(0), description: '到账50元' },
  { name: '充值100元送10元', money: fen(10_000), charge: fen(1000), description: '到账110元' },
  { name: '充值500元送80元', money: fen(50_000), charge: fen(8000), description: '到账580元' },
];
