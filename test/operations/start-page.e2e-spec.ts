import { expect, it } from '@jest/globals';
import pino from 'pino';
import request from 'supertest';
import { createServer } from '../../src/server.js';
import { describeMall } from '../support/stage.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describeMall('the start page', ({ app }) => {
  const linksOf = (page: string): string[] => [...page.matchAll(/href="([^"]+)"/g)].map(([, address]) => address);

  it('leads a browser to documents, simulator and health, and each of them answers', async () => {
    const page = await request(app.url).get('/').set('Accept', BROWSER);
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    expect(linksOf(page.text)).toEqual(['/docs', '/docs/open/sign', app.simulator.url, '/health/ready']);
    for (const address of linksOf(page.text)) {
      expect([address, (await fetch(new URL(address, app.url))).status]).toEqual([address, 200]);
    }
  });

  it('runs no script and allows nothing but its own style', async () => {
    const page = await request(app.url).get('/').set('Accept', BROWSER);
    expect(page.text).not.toMatch(/<script|\son\w+=|style=/);
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(page.headers['vary']).toMatch(/Accept/);
  });

  it('names no simulator in production', async () => {
    const server = await createServer({ ...app.config, production: true }, undefined, pino({ level: 'silent' }));
    try {
      await server.listen(0, '127.0.0.1');
      const page = await request(server.getHttpServer()).get('/').set('Accept', BROWSER);
      expect(linksOf(page.text)).toEqual(['/docs', '/docs/open/sign', '/health/ready']);
    } finally {
      await server.close();
    }
  });

  it.each(['application/json', '*/*', 'application/json, text/html;q=0.5', ''])(
    'is an unknown route to a client that accepts "%s"',
    async (accept) => {
      const reply = await request(app.url).get('/').set('Accept', accept);
      expect([reply.status, reply.body]).toEqual([404, { code: 10001, msg: expect.any(String) }]);
      expect(reply.headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
    },
  );

  it('is for GET of exactly this path', async () => {
    for (const [method, path] of [
      ['post', '/'],
      ['head', '/'],
      ['get', '/nothing'],
    ] as const) {
      expect((await request(app.url)[method](path).set('Accept', BROWSER)).status).toBe(404);
    }
    expect((await request(app.url).get('/?x=1').set('Accept', BROWSER)).type).toBe('text/html');
  });
});
