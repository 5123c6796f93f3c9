import type { TestApp, TestUser } from './app.js';

/** The document's example product, as `shop/addProduct` takes it. */
export const PRODUCT = {
  price: 233,
  title: '没过期猪小排100g',
  description: '过期的猪小排。',
  pictureNumber: 2,
  stock: 32,
  detail: '新鲜的天的猪小排，哈哈哈哈哈哈',
  detailPictureNumber: 3,
};

/** Adds the example product, or one that differs in `fields`, over HTTP; answers its id. */
export async function addProduct(app: TestApp, owner: TestUser, fields: object = {}): Promise<number> {
  const reply = await app.post('/api/v1/shop/addProduct', { ...PRODUCT, ...fields }, owner.token);
  if (reply.status !== 200) throw new Error(`addProduct failed: ${reply.text}`);
  return (reply.body as { data: { id: number } }).data.id;
}

export async function dropProduct(app: TestApp, owner: TestUser, id: number): Promise<void> {
  const reply = await app.post('/api/v1/shop/dropProduct', { id }, owner.token);
  if (reply.status !== 200) throw new Error(`dropProduct failed: ${reply.text}`);
}
