import { expect, it } from '@jest/globals';
import { describeMall } from '../../support/stage.js';
import { LinkvClient, type Style } from '../../support/linkv-client.js';
import { accepted, expectCoins, partnerOf, refusedOpen } from '../../support/open.js';

describeMall('open: as LinkV’s own SDKs call', ({ app }) => {
  const partner = partnerOf(app);

  it.each<Style>(['node', 'go', 'python', 'dart'])('the %s SDK plays a whole day', async (style) => {
    const sdk = partner.as(style);
    const token = accepted(await sdk.thGetToken({ userId: `day-${style}` }))!;
    const uid = token['openId'] as string;
    expect(accepted(await sdk.orderSuccess(uid, 1, 500))).toEqual({ tokens: '500', livemeTokens: '500' });
    const signed = sdk.signed({ uid, request_id: sdk.requestId(), type: 2, value: 200, expriation: sdk.expriation() });
    for (let time = 0; time < 3; time += 1) accepted(await sdk.send('/open/finanv0/changeGold', signed));
    expect(accepted(await sdk.getUserTokens(uid))).toEqual({ tokens: '300', livemeTokens: '300' });
    refusedOpen(await sdk.changeGold(uid, 2, 301), '400');
    refusedOpen(
      await new LinkvClient(app, { ...sdk.access, secret: 'wrong' }, undefined, style).getUserTokens(uid),
      '403',
    );
    await expectCoins(app, partner, uid, 300);
  });

  it('a reply is never JSON by its content type, which would end the Node SDK’s process', async () => {
    const replies = [
      await partner.getUserTokens(await partner.openId()),
      await partner.getUserTokens('1'),
      await partner.raw('POST', '/open/nothing', '{', 'application/json'),
    ];
    for (const { contentType } of replies) expect(contentType).toBe('text/plain; charset=utf-8');
  });

  it('Go reads status and tokens from strings of digits', async () => {
    const { text } = await partner.orderSuccess(await partner.openId(), 1, 7);
    expect(text).toMatch(/"status":"200"/);
    expect(text).toMatch(/"tokens":"7"/);
  });
});
