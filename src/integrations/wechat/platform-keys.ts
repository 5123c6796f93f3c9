import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { WechatPayConfig } from '../../config/wechat.config.js';
import type { Apiv3 } from './apiv3.js';
import { asObject, parseJsonObject } from './json.js';
import type { OutgoingReply } from './outgoing.js';
import { openResource } from './resource-cipher.js';
import { Verifier } from './verifier.js';

const REFRESH_MS = 12 * 3_600_000;
/** While there is no key at all, nothing can be paid: ask sooner. */
const URGENT_MS = 30_000;

/** The keys that WeChat signs with: the configured public key, and the platform certificates, downloaded at start and every twelve hours. */
export class PlatformKeys {
  private readonly keys = new Map<string, KeyObject>();
  readonly verifier: Verifier;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    private readonly config: WechatPayConfig,
    private readonly now: () => number,
  ) {
    if (config.publicKeyId && config.publicKey) this.keys.set(config.publicKeyId, createPublicKey(config.publicKey));
    this.verifier = new Verifier(this.keys, now);
  }

  get empty(): boolean {
    return this.keys.size === 0;
  }

  serials(): string[] {
    return [...this.keys.keys()];
  }

  /** Downloads once and keeps doing so. That it fails is normal for merchants who have the public key only. */
  async start(api: Apiv3): Promise<void> {
    if (!this.config.downloadCertificates || this.stopped) return;
    await this.download(api);
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.start(api), this.empty ? URGENT_MS : REFRESH_MS).unref();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  /** Whether certificates came and were trustworthy. */
  async download(api: Apiv3): Promise<boolean> {
    const reply = await api.send({ lane: 'jobs', method: 'GET', target: '/v3/certificates' });
    if ('kind' in reply || reply.status !== 200) return false;
    const fresh = this.open(reply);
    const trusted = new Map([...this.keys, ...fresh]);
    if (fresh.size === 0 || new Verifier(trusted, this.now).problem(reply.headers, reply.body)) return false;
    for (const [serial, key] of fresh) this.keys.set(serial, key);
    return true;
  }

  /** Only WeChat and we hold the APIv3 key, so what it opens vouches for the certificates that sign this very answer. */
  private open(reply: OutgoingReply): Map<string, KeyObject> {
    const fresh = new Map<string, KeyObject>();
    const data = parseJsonObject(reply.body)?.['data'];
    for (const entry of Array.isArray(data) ? data : []) {
      const item = asObject(entry);
      const sealed = asObject(item?.['encrypt_certificate']);
      const pem = sealed && openResource(this.config.apiV3Keys, sealed);
      const certificate = pem && readCertificate(pem);
      if (!certificate || certificate.serialNumber !== item?.['serial_no']) continue;
      if (Date.parse(certificate.validTo) < this.now()) continue;
      fresh.set(certificate.serialNumber, certificate.publicKey);
    }
    return fresh;
  }
}

function readCertificate(pem: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
