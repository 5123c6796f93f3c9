import { randomBytes } from 'node:crypto';
import { aDayInTheMall } from './demo/a-day-in-the-mall.js';
import { Mall } from './demo/mall.js';
import { payingByWechat, theNetworkBreaks } from './demo/paying-by-wechat.js';
import { told } from './demo/story.js';
import { theBooks } from './demo/the-books.js';
import { theCoinWallet } from './demo/the-coin-wallet.js';
import { theWebShop } from './demo/the-web-shop.js';

const started = Date.now();
const partner = { appId: 'LM6000101140927991745433', secret: randomBytes(16).toString('hex'), channel: 'livemall' };
const mall = await Mall.open({
  LINKV_APP_ID: partner.appId,
  LINKV_APP_SECRET: partner.secret,
  LINKV_APP_ALIAS: partner.channel,
  // The reconciler's first looks come after moments here, so that a story with lost messages stays short.
  JOBS_TICK: '0.1',
  RECONCILE_LADDER: '0.3,0.5,1',
});
try {
  await aDayInTheMall(mall);
  await theBooks(mall);
  await payingByWechat(mall);
  await theWebShop(mall);
  await theCoinWallet(mall, partner);
  await theNetworkBreaks(mall);
  console.log(`\n${told()} steps in ${((Date.now() - started) / 1000).toFixed(1)} s, every one as it should be.`);
} catch (error) {
  console.error(`\nA false note: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await mall.close();
}
