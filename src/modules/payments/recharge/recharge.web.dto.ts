import type { AppPayment } from '../../../integrations/wechat/merchant-signer.js';
import { Id } from '../../../protocols/fields.js';
import { toShanghaiTime } from '../../../protocols/scalars.js';
import { ViewFen, ViewId, ViewOneOf, ViewShanghaiTime } from '../../../protocols/view-fields.js';
import type { RechargeItem } from '../records/recharge.entity.js';
import {
  MINI_PROGRAM_EXAMPLE,
  MiniProgramPaymentView,
  miniProgramPaymentView,
} from '../wechat/mini-program-payment.dto.js';
import type { StartedRecharge } from './recharge.service.js';

export class PaymentItemDto {
  @Id({ example: 1 }) item_id!: number;
}

/** 充值商品信息. */
export class PaymentItemView {
  @ViewId() id!: number;
  name!: string;
  /** What the user pays, all of which becomes balance; fen. */
  @ViewFen(1) money!: number;
  description!: string;
  /** The bonus on top; fen. */
  @ViewFen(0) charge!: number;
  @ViewShanghaiTime() create_at!: string;
  @ViewShanghaiTime() update_at!: string;
}

/** 订单信息: the item, and what an app passes to WeChat. */
export class PaymentOrderView extends PaymentItemView implements AppPayment {
  payment_id!: string;
  appid!: string;
  partnerid!: string;
  prepayid!: string;
  @ViewOneOf('Sign=WXPay')
  package!: 'Sign=WXPay';
  noncestr!: string;
  timestamp!: string;
  sign!: string;
  /** For the mini program: there when the user has a login in it. */
  jsapi?: MiniProgramPaymentView;
}

export const ITEM_EXAMPLE: PaymentItemView = {
  id: 1,
  name: '充100送10',
  money: 10000,
  description: '限时优惠',
  charge: 1000,
  create_at: '2018-07-11 21:27:51',
  update_at: '2018-07-11 21:27:51',
};

export const PAYMENT_ORDER_EXAMPLE: PaymentOrderView = {
  ...ITEM_EXAMPLE,
  payment_id: 'LM5f0c…',
  appid: 'wx0000000000000001',
  partnerid: '1900000001',
  prepayid: 'wx11212751…',
  package: 'Sign=WXPay',
  noncestr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
  timestamp: '1531315671',
  sign: 'oR9d8Puhn…',
  jsapi: MINI_PROGRAM_EXAMPLE,
};

export function paymentItemView(item: RechargeItem): PaymentItemView {
  const { id, name, money, description, charge } = item;
  const times = { create_at: toShanghaiTime(item.createdAt), update_at: toShanghaiTime(item.updatedAt) };
  return { id, name, money, description, charge, ...times };
}

export function paymentOrderView({ item, outTradeNo, app, miniProgram }: StartedRecharge): PaymentOrderView {
  return {
    ...paymentItemView(item),
    payment_id: outTradeNo,
    ...app,
    ...(miniProgram === null ? {} : { jsapi: miniProgramPaymentView(miniProgram) }),
  };
}
