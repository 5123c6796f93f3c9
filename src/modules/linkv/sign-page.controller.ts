import { Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { publicFile } from '../../common/public-file.js';
import { Operations, Public } from '../../protocols/decorators.js';

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
    serve(response, 'html');
  }

  @Get('sign.js')
  @Public()
  script(@Res() response: Response): void {
    serve(response, 'js');
  }

  @Get('sign.css')
  @Public()
  style(@Res() response: Response): void {
    serve(response, 'css');
  }
}

const FILES = { html: publicFile('sign.html'), js: publicFile('sign.js'), css: publicFile('sign.css') };

function serve(response: Response, type: keyof typeof FILES): void {
  response.setHeader('Content-Security-Policy', POLICY);
  response.type(type).send(FILES[type]);
}
