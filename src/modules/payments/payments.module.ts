import { Module } from '@nestjs/common';
import { WechatModule } from '../../integrations/wechat/wechat.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { UsersModule } from '../users/users.module.js';
import { BillApiV1Controller } from './bill.api-v1.controller.js';
import { BillService } from './bill.service.js';
import { BillStore } from './bill-store.js';
import { CaptureService } from './capture.service.js';
import { ExternalRefunds } from './external-refunds.service.js';
import { Inbox } from './inbox.js';
import { KeyedCall } from './keyed-call.js';
import { NotifyService } from './notify.service.js';
import { PaymentAlerts } from './payment-alerts.service.js';
import { PaymentCloser } from './payment-closer.service.js';
import { PaymentTraces } from './payment-traces.js';
import { PaymentStore } from './payment-store.js';
import { PaymentsApiV1Controller } from './payments.api-v1.controller.js';
import { PaymentsLiveuserController, PostpayLiveuserController } from './payments.liveuser.controller.js';
import { PaymentsService } from './payments.service.js';
import { PaymentsWechatController } from './payments.wechat.controller.js';
import { PrepayService } from './prepay.service.js';
import { PurchasesWebController } from './purchases.web.controller.js';
import { PurchasesService } from './purchases.service.js';
import { RechargeApiV1Controller } from './recharge.api-v1.controller.js';
import { RechargeWebController } from './recharge.web.controller.js';
import { RechargeItems } from './recharge-items.service.js';
import { RechargeService } from './recharge.service.js';
import { RechargeStore } from './recharge-store.js';
import { Reconciler } from './reconciler.service.js';
import { RefundBooking } from './refund-booking.service.js';
import { RefundsService } from './refunds.service.js';
import { RefundStore } from './refund-store.js';
import { WalletPayments } from './wallet-payments.service.js';
import { WechatPayments } from './wechat-payments.service.js';
import { WechatRefunds } from './wechat-refunds.service.js';

const ROWS = [PaymentStore, RefundStore, RechargeStore, BillStore, Inbox, PaymentAlerts];
const WECHAT = [
  CaptureService,
  PaymentCloser,
  PrepayService,
  WechatPayments,
  WechatRefunds,
  ExternalRefunds,
  NotifyService,
];
const WATCH = [Reconciler, BillService];

@Module({
  imports: [WechatModule, UsersModule, OrdersModule, LedgerModule, JobsModule],
  controllers: [
    PaymentsApiV1Controller,
    BillApiV1Controller,
    RechargeApiV1Controller,
    PurchasesWebController,
    RechargeWebController,
    PaymentsWechatController,
    PaymentsLiveuserController,
    PostpayLiveuserController,
  ],
  providers: [
    PaymentTraces,
    ...ROWS,
    ...WECHAT,
    ...WATCH,
    KeyedCall,
    RefundBooking,
    RefundsService,
    WalletPayments,
    PurchasesService,
    PaymentsService,
    RechargeItems,
    RechargeService,
  ],
  exports: [PaymentsService, PurchasesService, RechargeItems, RechargeService],
})
export class PaymentsModule {}
