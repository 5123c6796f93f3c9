import { Users1795000000000 } from './migrations/1795000000000-users.js';
import { Products1795000000100 } from './migrations/1795000000100-products.js';
import { Addresses1795000000200 } from './migrations/1795000000200-addresses.js';
import { Orders1795000000300 } from './migrations/1795000000300-orders.js';
import { Ledger1795000000400 } from './migrations/1795000000400-ledger.js';
import { Payments1795000000500 } from './migrations/1795000000500-payments.js';
import { WebAccounts1795000000600 } from './migrations/1795000000600-web-accounts.js';
import { Linkv1795000000700 } from './migrations/1795000000700-linkv.js';
import { OrderStatusWords1796000000000 } from './migrations/1796000000000-order-status-words.js';
import { PeriodicJobs1796000000100 } from './migrations/1796000000100-periodic-jobs.js';
import { UptimeMarks1797000000300 } from './migrations/1797000000300-uptime-marks.js';
import { OrderIndexes1797000000400 } from './migrations/1797000000400-order-indexes.js';
import { LinkvSecretUsed1797000000500 } from './migrations/1797000000500-linkv-secret-used.js';
import type { StoredModel } from './src/database/data-source.js';
import { IdempotencyKey } from './src/database/idempotency.entity.js';
import { UptimeMark } from './src/database/time/uptime-mark.entity.js';
import { Address, AddressBook } from './src/modules/addresses/address.entity.js';
import { LoginFailure } from './src/modules/auth/passwords/login-failure.entity.js';
import { LoginSession } from './src/modules/auth/sessions/login-session.entity.js';
import { Password } from './src/modules/auth/passwords/password.entity.js';
import { RefreshToken } from './src/modules/auth/sessions/refresh-token.entity.js';
import { CartLine } from './src/modules/cart/cart-line.entity.js';
import { Comment } from './src/modules/comments/comment.entity.js';
import { OrderHistory } from './src/modules/orders/order-history.entity.js';
import { OrderItem } from './src/modules/orders/order-item.entity.js';
import { Order } from './src/modules/orders/order.entity.js';
import { BillDay, BillDifference } from './src/modules/payments/reconcile/bill.entity.js';
import { PaymentNotification } from './src/modules/payments/records/notification.entity.js';
import { PaymentAlert } from './src/modules/payments/records/payment-alert.entity.js';
import { PaymentOrder } from './src/modules/payments/records/payment-order.entity.js';
import { Payment } from './src/modules/payments/records/payment.entity.js';
import { RechargeItem, Recharge } from './src/modules/payments/records/recharge.entity.js';
import { Refund } from './src/modules/payments/records/refund.entity.js';
import { ProductGram } from './src/modules/products/product-gram.entity.js';
import { ProductSnapshot } from './src/modules/products/product-snapshot.entity.js';
import { Product } from './src/modules/products/product.entity.js';
import { HomePage } from './src/modules/tabs/home-page.entity.js';
import { TabProduct } from './src/modules/tabs/tab-product.entity.js';
import { Tab } from './src/modules/tabs/tab.entity.js';
import { Job } from './src/modules/jobs/job.entity.js';
import { LedgerAccount } from './src/modules/ledger/ledger-account.entity.js';
import { LedgerEntry } from './src/modules/ledger/ledger-entry.entity.js';
import { LedgerSeal, LedgerSealMember } from './src/modules/ledger/audit/ledger-seal.entity.js';
import { LedgerTransaction } from './src/modules/ledger/ledger-transaction.entity.js';
import { WalletGrant } from './src/modules/ledger/wallet-grant.entity.js';
import { GoldLot } from './src/modules/linkv/gold-lot.entity.js';
import { LinkvApp } from './src/modules/linkv/linkv-app.entity.js';
import { LinkvOperation } from './src/modules/linkv/linkv-operation.entity.js';
import { LinkvUser } from './src/modules/linkv/linkv-user.entity.js';
import { User, WechatIdentity } from './src/modules/users/user.entity.js';

/** Every table and every migration, in order: the schema's table of contents. */
export const model: StoredModel = {
  entities: [
    IdempotencyKey,
    UptimeMark,
    User,
    WechatIdentity,
    LoginSession,
    RefreshToken,
    Password,
    LoginFailure,
    Address,
    AddressBook,
    Product,
    ProductSnapshot,
    ProductGram,
    Tab,
    TabProduct,
    HomePage,
    CartLine,
    Order,
    OrderItem,
    OrderHistory,
    Comment,
    LedgerAccount,
    LedgerTransaction,
    LedgerEntry,
    LedgerSeal,
    LedgerSealMember,
    WalletGrant,
    Job,
    LinkvApp,
    LinkvUser,
    LinkvOperation,
    GoldLot,
    Payment,
    PaymentOrder,
    Refund,
    PaymentNotification,
    PaymentAlert,
    BillDay,
    BillDifference,
    RechargeItem,
    Recharge,
  ],
  migrations: [
    Users1795000000000,
    Products1795000000100,
    Addresses1795000000200,
    Orders1795000000300,
    Ledger1795000000400,
    Payments1795000000500,
    WebAccounts1795000000600,
    Linkv1795000000700,
    OrderStatusWords1796000000000,
    PeriodicJobs1796000000100,
    UptimeMarks1797000000300,
    OrderIndexes1797000000400,
    LinkvSecretUsed1797000000500,
  ],
};
