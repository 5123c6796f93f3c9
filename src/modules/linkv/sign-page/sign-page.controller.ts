import { Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Operations, Public } from '../../../protocols/decorators.js';
import { SIGN_PAGE } from './sign-page.html.js';
import { SIGN_SCRIPT } from './sign-page.script.js';
import { SIGN_STYLE } from './sign-page.style.js';

/** Nothing but this server's own script, and requests to this server: the secret has nowhere to go. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Makes requests of the open wire that are ready to send: the browser signs, the secret stays in the page. */
@ApiExcludeController()
@Operations('docs/open')
export class SignPageController {
  @Get('sign')
  @Public()
  page(@Res() response: Response): void {
    serve(response, 'html', SIGN_PAGE);
  }

  @Get('sign.js')
  @Public()
  script(@Res() response: Response): void {
    serve(response, 'text/javascript', SIGN_SCRIPT);
  }

  @Get('sign.css')
  @Public()
  style(@Res() response: Response): void {
    serve(response, 'text/css', SIGN_STYLE);
  }
}

function serve(response: Response, type: string, content: string): void {
  response.setHeader('Content-Security-Policy', POLICY);
  response.type(type).send(content);
}
