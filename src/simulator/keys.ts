import { createPublicKey, generateKeyPair, randomBytes, sign } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WechatPayConfig } from '../config/wechat.config.js';
import { bitString, integer, objectId, sequence, set, time, utf8 } from './der.js';

/** Both sides' keys, as PEM texts: what a merchant gets from WeChat's console, and what WeChat keeps. */
export type SimulatorKeys = Readonly<Awaited<ReturnType<typeof createSimulatorKeys>>>;

/** Which way of verification the simulated WeChat offers: merchants before 2024 have both, new ones the public key only. */
export type KeyMode = 'both' | 'public-key' | 'certificate';

const MCH_ID = '1900000001';
const YEAR_MS = 365 * 86_400_000;
const SHA256_RSA = sequence(objectId('1.2.840.113549.1.1.11'), Buffer.from([0x05, 0x00]));

/** A pair of RSA keys as PEM texts. */
export const RSA_PEM = {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;
const newKeyPair = promisify(generateKeyPair);

/** Keeps the keys under `folder`, so that a restart and a second process speak with the same ones. */
export async function loadOrCreateSimulatorKeys(folder: string): Promise<SimulatorKeys> {
  const path = join(folder, 'keys.json');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    writeFileSync(draft, JSON.stringify(await createSimulatorKeys(), null, 2), { mode: 0o600 });
    try {
      linkSync(draft, path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    } finally {
      rmSync(draft);
    }
  }
  return JSON.parse(readFileSync(path, 'utf8')) as SimulatorKeys;
}

export async function createSimulatorKeys() {
  const [merchant, platform, publicKey] = await Promise.all([
    newKeyPair('rsa', RSA_PEM),
    newKeyPair('rsa', RSA_PEM),
    newKeyPair('rsa', RSA_PEM),
  ]);
  const platformSerial = serial();
  return {
    mchId: MCH_ID,
    merchantSerial: serial(),
    merchantPrivateKey: merchant.privateKey,
    merchantPublicKey: merchant.publicKey,
    platformSerial,
    platformPrivateKey: platform.privateKey,
    platformCertificate: selfSignedCertificate(platform.privateKey, platformSerial, Date.now()),
    publicKeyId: `PUB_KEY_ID_0${MCH_ID}20261120${digits(14)}`,
    publicKeyPrivateKey: publicKey.privateKey,
    publicKey: publicKey.publicKey,
    apiV3Key: randomBytes(16).toString('hex'),
  };
}

/** The app's credentials towards this simulator. */
export function simulatorPayConfig(
  keys: SimulatorKeys,
  baseUrl: string,
  notifyUrl: string,
  mode: KeyMode = 'both',
): WechatPayConfig {
  const withPublicKey = mode !== 'certificate';
  return {
    baseUrl,
    mchId: keys.mchId,
    serialNo: keys.merchantSerial,
    privateKey: keys.merchantPrivateKey,
    apiV3Keys: [keys.apiV3Key],
    publicKeyId: withPublicKey ? keys.publicKeyId : null,
    publicKey: withPublicKey ? keys.publicKey : null,
    downloadCertificates: mode !== 'public-key',
    notifyUrl,
  };
}

/** A version 1 X.509 certificate in PEM, five years long like WeChat's. */
export function selfSignedCertificate(privateKey: string, serialHex: string, now: number): string {
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8('Tenpay.com simulator'))));
  const validity = sequence(time(new Date(now - 86_400_000)), time(new Date(now + 5 * YEAR_MS)));
  const key = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const body = sequence(integer(Buffer.from(serialHex, 'hex')), SHA256_RSA, name, validity, name, key);
  const der = sequence(body, SHA256_RSA, bitString(sign('sha256', body, privateKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** 20 bytes, positive and without a leading zero byte, as 40 upper-case hexadecimal digits. */
function serial(): string {
  const bytes = randomBytes(20);
  bytes[0] = 0x40 | (bytes[0] & 0x3f);
  return bytes.toString('hex').toUpperCase();
}

export function digits(count: number): string {
  return Array.from(randomBytes(count), (byte) => byte % 10).join('');
}
