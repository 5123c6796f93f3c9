import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { publicFile } from '../../common/public-file.js';

const SCRIPT = publicFile('sign.js');
const SECRET = '0123456789abcdef0123456789abcdef';

describe('the signing page', () => {
  let md5: (text: string) => string;

  beforeAll(async () => {
    md5 = (await new Page().run()).md5;
  });

  it('computes the vector of the document', () => {
    const text = 'app_id=LM6000101140927991745433&nonce_str=a1B2c3D41600000000e5F6g7H8&uid=1';
    expect(md5(`${text}&key=${SECRET}`)).toBe('a68820969a7fcd756d737165de643ebb');
  });

  it('computes MD5 as the server does, over any text of any length', () => {
    const same = (text: string) => expect(md5(text)).toBe(createHash('md5').update(text).digest('hex'));
    for (let length = 0; length <= 200; length += 1) same('a'.repeat(length));
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), same));
  });

  it('runs in a page and signs what it shows, and the secret goes nowhere', async () => {
    const page = new Page();
    await page.run();
    page.enter('app_id', 'LM6000101140927991745433');
    page.enter('secret', SECRET);
    page.choose('getUserTokens');
    page.fill('uid', '1');
    const signed = 'app_id=LM6000101140927991745433&nonce_str=aaaaaaaa1600000000aaaaaaaa&uid=1';
    const sign = createHash('md5').update(`${signed}&key=${SECRET}`).digest('hex');
    expect(page.shown('sign')).toBe(sign);
    expect(page.shown('text')).toBe(`${signed}&key=••••••••`);
    expect(page.shown('form')).toBe(`${signed}&sign=${sign}`);
    await page.press('send');
    expect(page.shown('reply')).toBe('HTTP 200\n{"status":"200"}');
    expect(page.requests).toEqual([
      ['/docs/open.json', { credentials: 'omit' }],
      ['/open/finanv0/getUserTokens', expect.objectContaining({ body: `${signed}&sign=${sign}`, credentials: 'omit' })],
    ]);
    expect(page.everythingShown()).not.toContain(SECRET);
  });

  it('names no storage and no other server', () => {
    expect(SCRIPT).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie|https?:\/\/(?!example\.com)/);
  });
});

/** An element as far as the script uses one. */
class Element {
  value = '';
  name = '';
  textContent = '';
  disabled = false;
  readonly dataset = {};
  children: Element[] = [];
  private readonly listeners: [event: string, listener: () => unknown][] = [];

  append(...children: (Element | string)[]): void {
    this.children.push(...children.filter((child) => child instanceof Element));
  }

  replaceChildren(...children: Element[]): void {
    this.children = children;
  }

  setAttribute(): void {}

  addEventListener(event: string, listener: () => unknown): void {
    this.listeners.push([event, listener]);
  }

  async dispatch(event: string): Promise<void> {
    for (const [name, listener] of this.listeners) if (name === event) await listener();
  }

  *all(): Generator<Element> {
    yield this;
    for (const child of this.children) yield* child.all();
  }
}

const form = (schema: string) => ({
  post: {
    requestBody: {
      content: { 'application/x-www-form-urlencoded': { schema: { $ref: `#/components/schemas/${schema}` } } },
    },
  },
});
/** The part of /docs/open.json that the script reads. */
const DOCUMENT = {
  paths: { '/open/v0/thGetToken': form('Token'), '/open/finanv0/getUserTokens': form('Tokens') },
  components: {
    schemas: {
      Token: { properties: { userId: { example: 'u-1' }, app_id: {} }, required: ['userId'] },
      Tokens: { properties: { uid: {}, app_id: {}, nonce_str: {}, sign: {} }, required: ['uid'] },
    },
  },
};

/** Runs the script in a page that has nothing but what it needs, at a fixed time and with no randomness. */
class Page {
  readonly requests: [path: string, options: object][] = [];
  private readonly elements = new Map<string, Element>();

  /** Its global names. */
  async run(): Promise<{ readonly md5: (text: string) => string }> {
    const globals = {
      TextEncoder,
      URLSearchParams,
      Date: { now: () => 1_600_000_000_000 },
      crypto: { getRandomValues: (bytes: Uint8Array) => bytes },
      location: { origin: 'http://shop.example' },
      navigator: {},
      document: {
        getElementById: (id: string) => this.at(id),
        createElement: () => new Element(),
        querySelectorAll: () => [],
      },
      fetch: async (path: string, options: object) => {
        this.requests.push([path, options]);
        return { status: 200, json: async () => DOCUMENT, text: async () => '{"status":"200"}' };
      },
    };
    runInNewContext(SCRIPT, globals);
    await new Promise((resolve) => setImmediate(resolve));
    return globals as typeof globals & { md5: (text: string) => string };
  }

  enter(id: string, value: string): void {
    this.at(id).value = value;
    void this.at(id).dispatch('input');
  }

  choose(route: string): void {
    void this.at('routes')
      .children.find((button) => button.textContent === route)!
      .dispatch('click');
  }

  fill(name: string, value: string): void {
    const input = [...this.at('fields').all()].find((element) => element.name === name)!;
    input.value = value;
    void input.dispatch('input');
  }

  async press(id: string): Promise<void> {
    await this.at(id).dispatch('click');
    await new Promise((resolve) => setImmediate(resolve));
  }

  shown(id: string): string {
    return this.at(id).textContent;
  }

  everythingShown(): string {
    return [...this.elements.values()]
      .flatMap((element) => [...element.all()].map((one) => one.textContent))
      .join('\n');
  }

  private at(id: string): Element {
    const element = this.elements.get(id) ?? new Element();
    this.elements.set(id, element);
    return element;
  }
}
