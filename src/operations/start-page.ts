import { createHash } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { publicFile } from '../common/public-file.js';
import type { Config } from '../config/config.js';

/** `/` in a browser shows where to go; every other client gets the failure of an unknown route. */
export function serveStartPage(app: NestExpressApplication, { production, wechat }: Config): void {
  const hasSimulator = !production && wechat.mode === 'simulator';
  const page = publicFile('start.html').replace('<!-- simulator -->', () =>
    hasSimulator
      ? `<a href="${encodeURI(wechat.apiBase)}">微信模拟器 WeChat simulator<small>支付与退款 · pay and refund</small></a>`
      : '',
  );
  const policy = policyOf(page);
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!/^\/(?:\?|$)/.test(request.url) || request.method !== 'GET' || request.accepts(['json', 'html']) !== 'html')
      return next();
    response.setHeader('Content-Security-Policy', policy);
    response.append('Vary', 'Accept');
    response.type('html').send(page);
  });
}

/** Nothing but the page's one style: no script, no picture, no frame around it. */
function policyOf(page: string): string {
  const style = page.slice(page.indexOf('<style>') + '<style>'.length, page.indexOf('</style>'));
  return `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
