import { readFileSync } from 'node:fs';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { SIMULATED_APP_ID } from './development.js';
import type { EnvironmentReader } from './environment.js';

/** Credentials of one WeChat application: the mini program, or the mobile app of APP payments and Open Platform codes. */
export interface WechatApp {
  readonly appId: string;
  readonly secret: string;
}

/** APIv3 merchant settings; `privateKey` and `publicKey` are PEM texts. */
export type WechatPayConfig = Readonly<NonNullable<ReturnType<typeof readPay>>>;
export type WechatConfig = Readonly<ReturnType<typeof readWechatConfig>>;

const OFFICIAL_API = 'https://api.weixin.qq.com';
const OFFICIAL_PAY = 'https://api.mch.weixin.qq.com';
const OFFICIAL_HOSTS = ['api.weixin.qq.com', 'api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com'];
const PAY_REQUIRED = [
  'WECHAT_PAY_MCH_ID',
  'WECHAT_PAY_SERIAL_NO',
  'WECHAT_PAY_PRIVATE_KEY',
  'WECHAT_PAY_API_V3_KEY',
  'WECHAT_PAY_NOTIFY_URL',
] as const;

export function readWechatConfig(env: EnvironmentReader, simulatorPort: number) {
  const appId = env.text('WECHAT_APP_ID');
  const mode = env.oneOf('WECHAT_MODE', ['simulator', 'live'], env.production || appId ? 'live' : 'simulator');
  if (mode === 'simulator' && env.production) env.problem('WECHAT_MODE', 'must be live in production');
  const simulated = `http://127.0.0.1:${simulatorPort}`;
  const miniProgram =
    mode === 'live'
      ? { appId: appId ?? '', secret: env.text('WECHAT_APP_SECRET') ?? '' }
      : { appId: appId ?? SIMULATED_APP_ID, secret: env.text('WECHAT_APP_SECRET') ?? 'simulator-app-secret' };
  if (!miniProgram.appId) env.problem('WECHAT_APP_ID', 'is required in live mode');
  if (!miniProgram.secret) env.problem('WECHAT_APP_SECRET', 'is required in live mode');
  return {
    mode,
    apiBase: hostOf(env, 'WECHAT_API_BASE', mode === 'live' ? OFFICIAL_API : simulated),
    miniProgram,
    mobileApp: {
      appId: env.text('WECHAT_MOBILE_APP_ID') ?? miniProgram.appId,
      secret: env.text('WECHAT_MOBILE_APP_SECRET') ?? miniProgram.secret,
    },
    /** Whether `/account/signin` takes Open Platform codes instead of mini-program codes. */
    oauth: env.flag('WECHAT_OAUTH', false),
    timeoutSeconds: env.number('WECHAT_TIMEOUT', 5, 0.05, 60),
    /** Null in live mode without pay variables: login works, payments answer 503. In simulator mode it is filled when the simulator has made its keys. */
    pay: mode === 'live' ? readPay(env) : null,
  };
}

function readPay(env: EnvironmentReader) {
  const given = PAY_REQUIRED.filter((name) => env.text(name) !== undefined);
  if (given.length === 0 && !env.production) return null;
  for (const name of PAY_REQUIRED) {
    if (!given.includes(name)) env.problem(name, 'is required: the WECHAT_PAY_ variables are all or none');
  }
  const publicKeyId = env.text('WECHAT_PAY_PUBLIC_KEY_ID') ?? null;
  const publicKey = pem(env, 'WECHAT_PAY_PUBLIC_KEY', createPublicKey);
  if ((publicKeyId === null) !== (publicKey === null)) {
    env.problem('WECHAT_PAY_PUBLIC_KEY_ID', 'and WECHAT_PAY_PUBLIC_KEY belong together');
  }
  const apiV3Keys = env.list('WECHAT_PAY_API_V3_KEY');
  if (apiV3Keys.some((key) => Buffer.byteLength(key) !== 32)) {
    env.problem('WECHAT_PAY_API_V3_KEY', 'must be 32 bytes (several are separated by commas)');
  }
  const serialNo = env.text('WECHAT_PAY_SERIAL_NO') ?? '';
  if (serialNo && !/^[0-9A-Fa-f]{8,64}$/.test(serialNo)) {
    env.problem('WECHAT_PAY_SERIAL_NO', 'must be the hexadecimal serial of the merchant certificate');
  }
  const certificates = env.oneOf('WECHAT_PAY_CERTIFICATES', ['auto', 'off'], 'auto');
  return {
    baseUrl: hostOf(env, 'WECHAT_PAY_BASE', OFFICIAL_PAY),
    mchId: env.text('WECHAT_PAY_MCH_ID') ?? '',
    /** Serial of the merchant's own API certificate, sent in Authorization. */
    serialNo: serialNo.toUpperCase(),
    privateKey: pem(env, 'WECHAT_PAY_PRIVATE_KEY', createPrivateKey) ?? '',
    /** The current key first; several while keys are being changed. 32 bytes each. */
    apiV3Keys,
    publicKeyId,
    publicKey,
    /** Whether platform certificates are downloaded (always when no public key is given). */
    downloadCertificates: publicKey === null || certificates === 'auto',
    notifyUrl: notifyUrl(env),
  };
}

/** PEM text, or the path of a PEM file; a one-line value may carry `\n` for its line ends. */
function pem(env: EnvironmentReader, name: string, parse: (text: string) => unknown): string | null {
  const value = env.text(name);
  if (value === undefined) return null;
  try {
    const text = value.includes('-----BEGIN') ? value.replaceAll('\\n', '\n') : readFileSync(value, 'utf8');
    parse(text);
    return text;
  } catch {
    env.problem(name, 'must be a PEM key or the path of a readable PEM file');
    return null;
  }
}

function hostOf(env: EnvironmentReader, name: string, fallback: string): string {
  const text = env.text(name) ?? fallback;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    env.problem(name, 'must be an http(s) URL');
    return fallback;
  }
  const unofficial = !OFFICIAL_HOSTS.includes(url.host) || url.protocol !== 'https:';
  if (env.production && unofficial && !env.flag('ALLOW_UNOFFICIAL_WECHAT_HOST', false)) {
    env.problem(name, "must be WeChat's own host in production (or set ALLOW_UNOFFICIAL_WECHAT_HOST=true)");
  }
  return text.replace(/\/+$/, '');
}

/** WeChat refuses notify URLs with a query, longer than 255, or (in production) without https. Source: APIv3 prepay, field notify_url. */
function notifyUrl(env: EnvironmentReader): string {
  const text = env.text('WECHAT_PAY_NOTIFY_URL') ?? '';
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || text.length > 255 || url.search !== '' || (env.production && url.protocol !== 'https:')) {
    env.problem('WECHAT_PAY_NOTIFY_URL', 'must be an https URL of at most 255 characters without a query');
  }
  return text;
}
