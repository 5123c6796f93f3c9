import { Id } from '../../protocols/fields.js';
import { toShanghaiTime } from '../../protocols/scalars.js';
import type { RechargeItem } from './recharge-items.service.js';
import type { StartedRecharge } from './recharge.service.js';

export class PaymentItemDto {
  @Id({ example: 1 })
  item_id!: number;
}

export const ITEM_EXAMPLE = {
  id: 1,
  name: '充100送10',
  money: 10000,
  description: '限时优惠',
  charge: 1000,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

export const PAYMENT_ORDER_EXAMPLE = {
  ...ITEM_EXAMPLE,
  payment_id: 'LM5f0c…',
  appid: 'wx0000000000000001',
  partnerid: '1900000001',
  prepayid: 'wx11212751…',
  package: 'Sign=WXPay',
  noncestr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
  timestamp: '1531315671',
  sign: 'oR9d8Puhn…',
  jsapi: {
    timeStamp: '1531315671',
    nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
    package: 'prepay_id=wx11212751…',
    signType: 'RSA',
    paySign: 'oR9d8Puhn…',
  },
};

/** 充值商品信息: fen. */
export function paymentItemView(item: RechargeItem): object {
  return {
    id: item.id,
    name: item.name,
    money: item.money,
    description: item.description,
    charge: item.charge,
    create_at: toShanghaiTime(item.createdAt),
    update_at: toShanghaiTime(item.updatedAt),
  };
}

/** 订单信息: the item, and what an app passes to WeChat; `jsapi` is for the mini program. */
export function paymentOrderView({ item, outTradeNo, app, miniProgram }: StartedRecharge): object {
  return {
    ...paymentItemView(item),
    payment_id: outTradeNo,
    ...app,
    ...(miniProgram === null ? {} : { jsapi: miniProgram }),
  };
}
