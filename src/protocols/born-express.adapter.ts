import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type RequestHandler } from 'express';
import { newRequestId, sendSuccess, type Headers } from './reply.js';

interface Prototyped {
  request: object;
  response: object;
}

type Declare = (path: string, handler: RequestHandler) => unknown;
type WriteHead = [statusMessage?: string | object, headers?: object];

/**
 * HOT PATH: every request passes here (docs/performance.md, "Where the speed lives").
 *
 * Express gives every request and response its own prototype with Object.setPrototypeOf, which costs most of its time.
 * Here the HTTP server makes them with that prototype from birth, so that Express finds nothing to change. What a route
 * returns is wrapped here and not in an interceptor, for one of which Nest builds a chain of observables per request.
 */
export class BornExpressAdapter extends ExpressAdapter {
  /** @param headers of every reply that does not set them itself */
  constructor(private readonly headers: Headers) {
    super(express());
    const app = this.getInstance<Express & Prototyped>();
    app.disable('x-powered-by');
    app.disable('etag');
  }

  override initHttpServer(): void {
    const app = this.getInstance<Express & Prototyped>();
    const { headers } = this;
    const list = Object.entries(headers).flat();
    class BornRequest extends IncomingMessage {
      readonly id = newRequestId();
    }
    class BornResponse extends ServerResponse<BornRequest> {
      override writeHead(status: number, ...rest: WriteHead): this {
        const [own] = rest;
        if (Array.isArray(own) && this.getHeaderNames().length === 0) {
          return super.writeHead(status, [...list, 'X-Request-Id', this.req.id, ...(own as string[])]);
        }
        this.addHeaders();
        return super.writeHead(status, ...(rest as []));
      }

      private addHeaders(): void {
        for (const [name, value] of Object.entries({ ...headers, 'X-Request-Id': this.req.id })) {
          const own = this.getHeader(name);
          if (own === undefined) this.setHeader(name, value);
          else if (name === 'Vary') this.setHeader(name, `${value}, ${String(own)}`);
        }
      }
    }
    app.request = adopt(BornRequest.prototype, app.request) as typeof app.request;
    app.response = adopt(BornResponse.prototype, app.response) as typeof app.response;
    const server: Server = createServer({ IncomingMessage: BornRequest, ServerResponse: BornResponse } as object, app);
    server.keepAliveTimeout = 65_000;
    server.headersTimeout = 20_000;
    server.requestTimeout = 60_000;
    this.httpServer = server as never;
  }

  /**
   * Routes declared from here on are found by one look-up; Express compares the path with every route before. Any other spelling
   * of a path (letter case, a slash at its end), a HEAD, and paths with parameters go Express's way.
   */
  routeDirectly(): void {
    const direct = new Map<string, RequestHandler>();
    this.getInstance<Express>().use((request, response, next) => {
      const handler = direct.get(`${request.method} ${request.path}`);
      return handler ? handler(request, response, next) : next();
    });
    for (const method of ['get', 'post'] as const) {
      const declare = this[method].bind(this) as unknown as Declare;
      const declareDirectly: Declare = (path, handler) => {
        const key = `${method.toUpperCase()} ${path}`;
        if (!direct.has(key)) direct.set(key, handler);
        return declare(path, handler);
      };
      Object.assign(this, { [method]: declareDirectly });
    }
  }

  /** Nest would say 201 for a POST; real clients stop working on it. */
  override status(response: unknown): unknown {
    return response;
  }

  override reply(response: never, body: unknown, status?: number): void {
    if (!sendSuccess(response, body)) super.reply(response, body, status);
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
