import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { describeMall } from '../support/stage.js';
import { freshPhone, grant, PASSWORD } from '../support/web.js';

interface Answer {
  readonly code: number;
  readonly data?: { readonly id: number };
}

const MONEY = 10_000;
const PRICE = 100;

/** Every way in which a page makes the browser ask for an address, for GET and for POST; run in the page, hence text. */
const TRICKS: Readonly<Record<string, string>> = {
  image: 'document.body.append(Object.assign(new Image(), { src: url }))',
  script: "document.body.append(Object.assign(document.createElement('script'), { src: url }))",
  stylesheet: "document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: url }))",
  prefetch: "document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: url }))",
  frame: "document.body.append(Object.assign(document.createElement('iframe'), { src: url }))",
  'fetch without CORS': "fetch(url, { mode: 'no-cors', credentials: 'include' }).catch(() => 0)",
  'fetch with CORS': "fetch(url, { credentials: 'include' }).catch(() => 0)",
  'POST of text/plain':
    "fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }).catch(() => 0)",
  'POST without a body': "fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(() => 0)",
  beacon: 'navigator.sendBeacon(url)',
  form: `const frame = Object.assign(document.createElement('iframe'), { name: 'frame' + Math.random() });
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url, target: frame.name });
    document.body.append(frame, form);
    form.submit()`,
  'sandboxed frame': `const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = '<script>for (const method of ["GET", "POST"]) fetch("' + url + '", { method, mode: "no-cors", credentials: "include" })</' + 'script>';
    document.body.append(frame)`,
};

const LINK = `const link = Object.assign(document.createElement('a'), { href: url });
  document.body.append(link);
  link.click()`;

function play(page: Page, trick: string, url: string): Promise<void> {
  return page.evaluate(`((url) => { ${trick} })(${JSON.stringify(url)})`);
}

describeMall('web wire in Chromium', ({ app, mall, loggedIn }) => {
  const merchant = loggedIn('merchant', 3);
  let browser: Browser;
  let pages: Server;
  let context: BrowserContext;
  let own: Page;
  let product: number;
  let userId: number;

  beforeAll(async () => {
    product = await mall.product(merchant, { price: PRICE / 100, stock: 1000 });
    pages = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><p>hello'),
    );
    await new Promise<void>((resolve) => pages.listen(0, resolve));
    browser = await chromium.launch({ executablePath: process.env['CHROMIUM'], args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    pages.close();
    pages.closeAllConnections();
  });

  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext();
    own = await context.newPage();
    await own.goto(`${app.url}/docs`);
    const signup = await ask('POST', '/account/signup', { phone: freshPhone(), password: PASSWORD });
    userId = signup.data!.id;
    await grant(app, userId, 'CNY', MONEY);
  });

  /** What a script of our own page gets. */
  function ask(method: string, path: string, body?: object): Promise<Answer> {
    return own.evaluate(
      async ([verb, url, json]: readonly [string, string, string | undefined]) => {
        const init = json === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: json };
        return (await (await fetch(url, { method: verb, ...init })).json()) as Answer;
      },
      [method, path, body === undefined ? undefined : JSON.stringify(body)] as const,
    );
  }
  const port = () => (pages.address() as AddressInfo).port;
  const buy = () => `/product/${product}/with_balance`;
  const orders = async () => (await app.rows('SELECT id FROM orders WHERE buyer_id = ?', [userId])).length;

  it('keeps the session cookie from scripts and sends it for our own page, the documentation too', async () => {
    expect(await ask('GET', '/user')).toMatchObject({ code: 0, data: { id: userId, balance: MONEY } });
    expect(await own.evaluate('document.cookie')).toBe('');
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({
      name: 'session',
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      domain: '127.0.0.1',
    });
  });

  it('buys by GET and by POST from a script of our own page', async () => {
    expect((await ask('GET', buy())).code).toBe(0);
    expect((await ask('POST', buy())).code).toBe(0);
    expect((await ask('POST', buy(), {})).code).toBe(0);
    expect(await orders()).toBe(3);
  });

  it.each([
    ['another site', 'localhost'],
    ['another origin of the same site, to which the cookie goes', '127.0.0.1'],
  ])('buys nothing and ends no session for a page of %s', async (_, host) => {
    const evil = await context.newPage();
    await evil.goto(`http://${host}:${port()}/`);
    let answered = 0;
    evil.on('requestfinished', () => (answered += 1));
    evil.on('requestfailed', () => (answered += 1));
    for (const trick of Object.values(TRICKS)) {
      for (const path of [buy(), '/cart/pay_with_balance', '/account/signout']) await play(evil, trick, app.url + path);
    }
    await expectQuiet(() => answered);
    expect(answered).toBeGreaterThanOrEqual(Object.keys(TRICKS).length * 2);
    expect(await orders()).toBe(0);
    expect(await ask('GET', '/user')).toMatchObject({ code: 0, data: { balance: MONEY } });
  });

  it('buys nothing for a link on another site, a link on our own page and the address bar', async () => {
    const evil = await context.newPage();
    for (const start of [`http://localhost:${port()}/`, `http://127.0.0.1:${port()}/`, `${app.url}/docs`, null]) {
      if (start === null) {
        await evil.goto(app.url + buy());
      } else {
        await evil.goto(start);
        await Promise.all([evil.waitForURL(app.url + buy()), play(evil, LINK, app.url + buy())]);
      }
      expect(JSON.parse(await evil.evaluate('document.body.innerText'))).toMatchObject({ code: 10001 });
    }
    expect(await orders()).toBe(0);
  });

  it('signs nobody in for another site', async () => {
    const victim = await browser.newContext();
    const evil = await victim.newPage();
    await evil.goto(`http://127.0.0.1:${port()}/`);
    let answered = 0;
    evil.on('requestfinished', () => (answered += 1));
    evil.on('requestfailed', () => (answered += 1));
    for (const trick of Object.values(TRICKS)) await play(evil, trick, `${app.url}/account/signin?code=demo-attacker`);
    await expectQuiet(() => answered);
    await evil.goto(`${app.url}/account/signin?code=demo-attacker`);
    expect(await victim.cookies()).toEqual([]);
    await victim.close();
  });

  it('lets a page of another origin read nothing', async () => {
    const evil = await context.newPage();
    await evil.goto(`http://127.0.0.1:${port()}/`);
    const read = await evil.evaluate(
      (url) =>
        fetch(url, { credentials: 'include' }).then(
          (reply) => reply.text(),
          () => 'refused',
        ),
      `${app.url}/user`,
    );
    expect(read).toBe('refused');
  });

  it('is tried out on the documentation page with the cookie', async () => {
    await own.goto(`${app.url}/docs?urls.primaryName=web`);
    const operation = own.locator('.opblock-get', { has: own.locator('[data-path="/user"]') });
    await operation.locator('.opblock-summary').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table', { hasText: 'Response body' });
    await answer.waitFor();
    expect(await answer.innerText()).toContain(`"balance": ${MONEY}`);
  });
});

/** Waits until no request has ended for a while. */
async function expectQuiet(count: () => number): Promise<void> {
  let last = -1;
  while (last !== count()) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}
