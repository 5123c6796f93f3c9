import { ViewOneOf } from '../../../protocols/view-fields.js';
import type { MiniProgramPayment } from '../../../integrations/wechat/merchant-signer.js';

/** The fields of `wx.requestPayment`, as the mini program passes them on. */
export class MiniProgramPaymentView implements MiniProgramPayment {
  timeStamp!: string;
  nonceStr!: string;
  package!: string;
  @ViewOneOf('RSA') signType!: 'RSA';
  paySign!: string;
}

export const MINI_PROGRAM_EXAMPLE: MiniProgramPaymentView = {
  timeStamp: '1795180000',
  nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
  package: 'prepay_id=wx20112000000000000000000000000001',
  signType: 'RSA',
  paySign: 'oR9d8PuhnIc+YZ8cBHFCwfgpaK9gd7vaRvkYD7rthRAZ…',
};

/** In the document's order. */
export function miniProgramPaymentView(fields: MiniProgramPayment): MiniProgramPaymentView {
  const { timeStamp, nonceStr, package: prepay, signType, paySign } = fields;
  return { timeStamp, nonceStr, package: prepay, signType, paySign };
}
