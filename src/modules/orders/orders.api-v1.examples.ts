const PRODUCT = {
  id: 2,
  price: 233,
  title: '过期猪小排100g',
  description: '过期的猪小排。',
  pictureNumber: 2,
  ownerUserId: 4,
  stock: 32,
  isDrop: false,
  detail: '新鲜的天的猪小排，哈哈哈哈哈哈',
  detailPictureNumber: 3,
};

/** The document's order. */
export const ORDER_EXAMPLE = {
  order_id: 1,
  owner_user_id: 3,
  owner_shop_user_id: 4,
  now_status: 2,
  total_price: 433.2,
  transportation_price: 30.1,
  discount_price: 10.3,
  product_and_count: [
    { products: PRODUCT, count: 3 },
    { products: { ...PRODUCT, id: 4 }, count: 6 },
  ],
  person_name: 'name',
  person_phone_number: '13877766543',
  person_address: 'address',
  order_time: 1531292871,
  pay_time: 1531292871,
  verify_time: 1531292871,
  tracking_number: ['75844515448966', '75234515448968', '75584515448966'],
  message: '快点发货',
  user_phone_number: '13876545678',
  shop_message: '商家退单',
};
