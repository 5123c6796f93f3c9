import type { Account } from './users.service.js';

export const USER_EXAMPLE = {
  id: 3,
  name: 'FlyInTheSky',
  gender: 1,
  province: '上海',
  city: '上海',
  avatar: 'https://shop.example/a.png',
  balance: 12000,
  coupon: 300,
  phone: 13866654321,
};

/** 用户信息: fen, `phone` as a number, 0 when none. */
export function userView(account: Account): object {
  return {
    id: Number(account.id),
    name: account.name,
    gender: account.gender,
    province: account.province,
    city: account.city,
    avatar: account.avatar,
    balance: account.balance,
    coupon: account.coupon,
    phone: Number((account.phone ?? '').replace(/\D/g, '')),
  };
}
