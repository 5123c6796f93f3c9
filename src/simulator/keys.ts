import { createPublicKey, generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WechatPayConfig } from '../config/wechat.config.js';
import { bitString, integer, objectId, sequence, set, time, utf8 } from './der.js';

/** Both sides' keys, as PEM texts: what a merchant gets from WeChat's console, and what WeChat keeps. */
export interface SimulatorKeys {
  readonly mchId: string;
  readonly merchantSerial: string;
  readonly merchantPrivateKey: string;
  readonly merchantPublicKey: string;
  readonly platformSerial: string;
  readonly platformPrivateKey: string;
  readonly platformCertificate: string;
  readonly publicKeyId: string;
  readonly publicKeyPrivateKey: string;
  readonly publicKey: string;
  readonly apiV3Key: string;
}

/** Which way of verification the simulated WeChat offers: merchants before 2024 have both, new ones the public key only. */
export type KeyMode = 'both' | 'public-key' | 'certificate';

const MCH_ID = '1900000001';
const YEAR_MS = 365 * 86_400_000;
const SHA256_RSA = sequence(objectId('1.2.840.113549.1.1.11'), Buffer.from([0x05, 0x00]));
const newKeyPair = promisify(generateKeyPair);

/** Keeps the keys under `folder`, so that a restart and a second process speak with the same ones. */
export async function loadOrCreateSimulatorKeys(folder: string): Promise<SimulatorKeys> {
  const path = join(folder, 'keys.json');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
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

let ownKeys: Promise<SimulatorKeys> | null = null;

/** Keys for simulators that keep nothing; making them takes a moment, so one process makes them once. */
export function processKeys(): Promise<SimulatorKeys> {
  ownKeys ??= createSimulatorKeys();
  return ownKeys;
}

export async function createSimulatorKeys(): Promise<SimulatorKeys> {
  const [merchant, platform, publicKey] = await Promise.all([rsa(), rsa(), rsa()]);
  const platformSerial = serial();
  return {
    mchId: MCH_ID,
    merchantSerial: serial(),
    merchantPrivateKey: privatePem(merchant.privateKey),
    merchantPublicKey: publicPem(merchant.publicKey),
    platformSerial,
    platformPrivateKey: privatePem(platform.privateKey),
    platformCertificate: selfSignedCertificate(platform.privateKey, platformSerial, Date.now()),
    publicKeyId: `PUB_KEY_ID_0${MCH_ID}20261120${digits(14)}`,
    publicKeyPrivateKey: privatePem(publicKey.privateKey),
    publicKey: publicPem(publicKey.publicKey),
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
export function selfSignedCertificate(privateKey: KeyObject, serialHex: string, now: number): string {
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8('Tenpay.com simulator'))));
  const validity = sequence(time(new Date(now - 86_400_000)), time(new Date(now + 5 * YEAR_MS)));
  const key = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const body = sequence(integer(Buffer.from(serialHex, 'hex')), SHA256_RSA, name, validity, name, key);
  const der = sequence(body, SHA256_RSA, bitString(sign('sha256', body, privateKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function rsa(): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  return newKeyPair('rsa', { modulusLength: 2048 });
}

function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
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
