import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WechatModule } from '../../integrations/wechat/wechat.module.js';
import { CartModule } from '../cart/cart.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { OpenPayments } from '../orders/open-payments.js';
import { OrdersModule } from '../orders/orders.module.js';
import { ProductsModule } from '../products/products.module.js';
import { UsersModule } from '../users/users.module.js';
import { PaymentsApiV1Controller } from './payments.api-v1.controller.js';
import { PaymentsLiveuserController } from './payments.liveuser.controller.js';
import { PaymentsService } from './payments.service.js';
import { RechargeApiV1Controller } from './recharge/recharge.api-v1.controller.js';
import { RechargeItems } from './recharge/recharge-items.service.js';
import { RechargeRefunds } from './recharge/recharge-refunds.service.js';
import { RechargeService } from './recharge/recharge.service.js';
import { RechargeWebController } from './recharge/recharge.web.controller.js';
import { BillApiV1Controller } from './reconcile/bill.api-v1.controller.js';
import { BillStore } from './reconcile/bill-store.js';
import { BillDay, BillDifference } from './reconcile/bill.entity.js';
import { BillService } from './reconcile/bill.service.js';
import { OrderDeadlines } from './reconcile/order-deadlines.service.js';
import { Reconciler } from './reconcile/reconciler.service.js';
import { CaptureBooking } from './records/capture-booking.service.js';
import { CheckSchedule } from './records/check-schedule.js';
import { Inbox } from './records/inbox.js';
import { PaymentNotification } from './records/notification.entity.js';
import { PaymentAlert } from './records/payment-alert.entity.js';
import { PaymentAlerts } from './records/payment-alerts.service.js';
import { PaymentOrder } from './records/payment-order.entity.js';
import { PaymentStore } from './records/payment-store.js';
import { Payment } from './records/payment.entity.js';
import { RechargeStore } from './records/recharge-store.js';
import { Recharge, RechargeItem } from './records/recharge.entity.js';
import { RefundBooking } from './records/refund-booking.service.js';
import { RefundStore } from './records/refund-store.js';
import { Refund } from './records/refund.entity.js';
import { RefundsApiV1Controller } from './refunds/refunds.api-v1.controller.js';
import { RefundsService } from './refunds/refunds.service.js';
import { PurchasesService } from './wallet/purchases.service.js';
import { PurchasesWebController } from './wallet/purchases.web.controller.js';
import { WalletPayments } from './wallet/wallet-payments.service.js';
import { CaptureService } from './wechat/capture.service.js';
import { Clawback } from './wechat/clawback.js';
import { ExternalBooking } from './wechat/external-booking.service.js';
import { ExternalRefunds } from './wechat/external-refunds.service.js';
import { NotifyService } from './wechat/notify.service.js';
import { PaymentsWechatController, PostpayWechatController } from './wechat/notify.wechat.controller.js';
import { PaymentAttempts } from './wechat/payment-attempts.js';
import { PaymentCloser } from './wechat/payment-closer.service.js';
import { PaymentLookup } from './wechat/payment-lookup.service.js';
import { PrepayService } from './wechat/prepay.service.js';
import { WechatPayments } from './wechat/wechat-payments.service.js';
import { WechatRefunds } from './wechat/wechat-refunds.service.js';

/* Its rooms, from the ground up: each imports only those before it. */
const RECORDS = [
  CheckSchedule,
  PaymentStore,
  RefundStore,
  RechargeStore,
  Inbox,
  PaymentAlerts,
  RefundBooking,
  CaptureBooking,
];
const WECHAT = [
  CaptureService,
  PaymentCloser,
  PaymentLookup,
  PaymentAttempts,
  PrepayService,
  WechatPayments,
  WechatRefunds,
  Clawback,
  ExternalBooking,
  ExternalRefunds,
  NotifyService,
];
const WALLET = [WalletPayments, PurchasesService];
const RECHARGE = [RechargeItems, RechargeService, RechargeRefunds];
const RECONCILE = [BillStore, BillService, OrderDeadlines, Reconciler];

/** Global, because orders ask it for `OpenPayments` and cannot import it: payments import orders. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forFeature([
      Payment,
      PaymentOrder,
      Refund,
      PaymentNotification,
      PaymentAlert,
      BillDay,
      BillDifference,
      RechargeItem,
      Recharge,
    ]),
    WechatModule,
    UsersModule,
    ProductsModule,
    CartModule,
    OrdersModule,
    LedgerModule,
  ],
  controllers: [
    PaymentsApiV1Controller,
    RefundsApiV1Controller,
    BillApiV1Controller,
    RechargeApiV1Controller,
    PurchasesWebController,
    RechargeWebController,
    PaymentsWechatController,
    PaymentsLiveuserController,
    PostpayWechatController,
  ],
  providers: [
    ...RECORDS,
    { provide: OpenPayments, useExisting: PaymentCloser },
    ...WECHAT,
    ...WALLET,
    RefundsService,
    ...RECHARGE,
    ...RECONCILE,
    PaymentsService,
  ],
  exports: [OpenPayments],
})
export class PaymentsModule {}
