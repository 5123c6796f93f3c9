import { existsSync } from 'node:fs';
import { loadConfig } from '../src/config/config.js';
import { ConfigError } from '../src/config/environment.js';
import type { WechatConfig } from '../src/config/wechat.config.js';
import { WechatError } from '../src/integrations/wechat/wechat-error.js';
import { WechatLoginClient } from '../src/integrations/wechat/wechat-login.client.js';
import { WechatPayClient } from '../src/integrations/wechat/wechat-pay.client.js';

let ill = 0;

function report(healthy: boolean, what: string, advice = ''): void {
  if (!healthy) ill += 1;
  console.log(`${healthy ? 'ok  ' : 'FAIL'}  ${what}${healthy || !advice ? '' : `\n      ${advice}`}`);
}

/** WeChat judges the app id and secret before the code: a refused code means that both are right. */
async function checkLogin(wechat: WechatConfig): Promise<void> {
  const outcome = await new WechatLoginClient(wechat).codeToSession('doctor-no-such-code').then(
    () => 'accepted',
    (error: unknown) => (error instanceof WechatError ? error.code : String(error)),
  );
  const right = outcome === '40029' || outcome === '40163';
  report(right, `login: app id and secret (WeChat answered ${outcome})`, 'check WECHAT_APP_ID and WECHAT_APP_SECRET');
}

async function checkPay(wechat: WechatConfig): Promise<void> {
  const { pay } = wechat;
  if (!pay) {
    console.log('none  pay: no WECHAT_PAY_ variables, payments answer 503');
    return;
  }
  const client = new WechatPayClient(wechat);
  await client.onModuleInit();
  try {
    const lengths = pay.apiV3Keys.map((key) => Buffer.byteLength(key));
    report(
      lengths.every((length) => length === 32),
      `pay: ${lengths.length} decryption key(s) of 32 bytes`,
    );
    const serials = client.verificationSerials();
    report(
      serials.length > 0,
      `pay: WeChat's keys (${serials.join(', ') || 'none'})`,
      'give WECHAT_PAY_PUBLIC_KEY and its id; without them the platform certificates must be there to download, and WECHAT_PAY_API_V3_KEY must open them',
    );
    const probe = await client.probe();
    const detail = probe.kind === 'ok' ? 'a verified 404' : JSON.stringify(probe);
    report(
      probe.kind === 'ok',
      `pay: a signed query for a number that does not exist (${detail})`,
      'SIGN_ERROR: WECHAT_PAY_PRIVATE_KEY does not belong to WECHAT_PAY_SERIAL_NO, or the clock is wrong by minutes',
    );
  } finally {
    client.onModuleDestroy();
  }
}

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  let config = loadConfig(process.env);
  report(true, `configuration: ${config.wechat.mode} mode`);
  if (config.wechat.mode === 'simulator') {
    const { startForDevelopment } = await import('../src/simulator/development.js');
    config = await startForDevelopment({ ...config, logLevel: 'silent' });
  }
  await checkLogin(config.wechat);
  await checkPay(config.wechat);
} catch (error) {
  report(false, error instanceof ConfigError ? error.message : String(error));
}
console.log(ill === 0 ? '\nHealthy; no money was moved.' : `\n${ill} finding(s).`);
process.exit(ill === 0 ? 0 : 1);
