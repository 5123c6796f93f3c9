import { expect, it } from '@jest/globals';
import request from 'supertest';
import { describeMall } from '../../support/stage.js';

describeMall('docs: the signing helper of the open wire', ({ app }) => {
  it('is a page with its own script and style, allowed to speak with this server alone', async () => {
    const page = await request(app.url)
      .get('/docs/open/sign')
      .expect(200)
      .expect('Content-Type', /text\/html/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(page.headers['content-security-policy']).toContain("connect-src 'self'");
    expect(page.text).not.toMatch(/<script(?! src="\/docs\/open\/sign\.js")|\son\w+=|style=/);
    await request(app.url)
      .get('/docs/open/sign.js')
      .expect(200)
      .expect('Content-Type', /javascript/);
    await request(app.url).get('/docs/open/sign.css').expect(200).expect('Content-Type', /css/);
  });

  it('knows no secret', async () => {
    for (const path of ['/docs/open/sign', '/docs/open/sign.js', '/docs/open.json']) {
      expect((await request(app.url).get(path)).text).not.toContain(app.config.linkv!.appSecret);
    }
  });

  it('is named by the document', async () => {
    const { body } = await request(app.url).get('/docs/open.json').expect(200);
    const document = body as { info: { description: string }; paths: Record<string, object> };
    expect(document.info.description).toContain('/docs/open/sign');
    expect(Object.keys(document.paths).sort((a, b) => (a < b ? -1 : 1))).toEqual([
      '/open/finanv0/changeGold',
      '/open/finanv0/getUserTokens',
      '/open/finanv0/orderSuccess',
      '/open/v0/thGetToken',
    ]);
  });
});
