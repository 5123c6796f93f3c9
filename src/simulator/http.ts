import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';

export type Json = Readonly<Record<string, unknown>>;

export interface SimRequest {
  readonly method: string;
  readonly path: string;
  /** Path and query exactly as received: this is what clients sign. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface SimReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** `drop` closes the connection without an answer. */
export type SimHandler = (request: SimRequest) => Promise<SimReply | 'drop'>;

/** What a broken proxy in front of WeChat answers. */
export const HTML_ERROR: SimReply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html><h1>502 Bad Gateway</h1></html>',
};

const MAX_BODY = 1024 * 1024;

export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): SimReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** The JSON object of a body; an empty object when there is none. */
export function jsonOf(request: SimRequest): Json {
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
  } catch {
    return {};
  }
}

export function header(request: SimRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

export function serve(handler: SimHandler): Server {
  return createServer((incoming, response) => {
    void answer(handler, incoming, response);
  });
}

async function answer(handler: SimHandler, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(incoming);
    const target = incoming.url ?? '/';
    const url = new URL(target, 'http://simulator');
    const reply = await handler({
      method: incoming.method ?? 'GET',
      path: url.pathname,
      target,
      query: url.searchParams,
      headers: incoming.headers,
      body,
    });
    if (reply === 'drop') incoming.socket.destroy();
    else response.writeHead(reply.status, reply.headers).end(reply.body);
  } catch (error) {
    if (incoming.destroyed || response.headersSent) return;
    const message = error instanceof Error ? error.message : 'failed';
    const failed = jsonReply(500, { code: 'SIMULATOR_ERROR', message });
    response.writeHead(failed.status, failed.headers).end(failed.body);
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error('The body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
