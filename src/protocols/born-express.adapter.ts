import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express } from 'express';

interface Prototyped {
  request: object;
  response: object;
}

/**
 * Express gives every request and response its own prototype with Object.setPrototypeOf, which costs most of its time.
 * Here the HTTP server makes them with that prototype from birth, so that Express finds nothing to change.
 */
export class BornExpressAdapter extends ExpressAdapter {
  constructor() {
    super(express());
    const app = this.getInstance<Express & Prototyped>();
    app.disable('x-powered-by');
    app.disable('etag');
  }

  override initHttpServer(): void {
    const app = this.getInstance<Express & Prototyped>();
    class BornRequest extends IncomingMessage {}
    class BornResponse extends ServerResponse<BornRequest> {}
    app.request = adopt(BornRequest.prototype, app.request) as typeof app.request;
    app.response = adopt(BornResponse.prototype, app.response) as typeof app.response;
    const server: Server = createServer({ IncomingMessage: BornRequest, ServerResponse: BornResponse } as object, app);
    server.keepAliveTimeout = 65_000;
    server.headersTimeout = 20_000;
    server.requestTimeout = 60_000;
    this.httpServer = server as never;
  }
}

/** Copies Express's members, from the application's own object up to Node's class, onto the born prototype. */
function adopt(born: object, from: object): object {
  const layers: object[] = [];
  for (
    let layer: object | null = from;
    layer && layer !== IncomingMessage.prototype && layer !== ServerResponse.prototype;
    layer = Object.getPrototypeOf(layer) as object | null
  ) {
    layers.unshift(layer);
  }
  for (const layer of layers) {
    const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(layer) as Record<
      string,
      PropertyDescriptor
    >;
    Object.defineProperties(born, members);
  }
  return born;
}
