import { generateKeyPairSync } from 'node:crypto';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** With which a server under test starts as in production; its WeChat is the test's simulator all the same. */
export const PRODUCTION_ENV = {
  NODE_ENV: 'production',
  JWT_SECRET: 'dT7-Wm2_kQ9xLr4Vb8Yz1Nc6Hs3Pf5Gj0Ea',
  RATE_LIMIT: 'on',
  WECHAT_MODE: 'live',
  WECHAT_APP_ID: 'wx1234567890abcdef',
  WECHAT_APP_SECRET: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  WECHAT_PAY_MCH_ID: '1900000001',
  WECHAT_PAY_SERIAL_NO: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  WECHAT_PAY_PRIVATE_KEY: privateKey,
  WECHAT_PAY_API_V3_KEY: 'Ab3dEf6hIj9kLm2oPq5sTu8wXy1zAb4d',
  WECHAT_PAY_NOTIFY_URL: 'https://mall.example/api/v1/payment/notify',
} as const;
