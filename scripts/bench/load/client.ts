import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const READ_BUFFER = 64 * 1024;

/** A request as it goes over the socket; `body` is JSON, or a form when it does not begin with a brace. */
export function requestOf(method: 'GET' | 'POST', path: string, token = '', body = ''): string {
  const authorization = token && `Authorization: Bearer ${token}\r\n`;
  const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';
  const entity = body && `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: bench\r\n${authorization}${entity}\r\n${body}`;
}

interface Waiting {
  readonly resolve: (body: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One keep-alive connection with one request at a time, which costs little beside the servers: replies must have a
 * Content-Length, and the body is read by who asks for it.
 */
export class Client {
  private readonly socket: Socket;
  private received: Buffer[] = [];
  private waiting: Waiting | undefined;
  /** Bytes of the whole reply; 0 while its head is not known. */
  private expected = 0;
  private size = 0;
  private wantsBody = false;

  constructor(port: number) {
    const onread = { buffer: Buffer.allocUnsafe(READ_BUFFER), callback: this.receive.bind(this) };
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.socket.on('close', () => this.fail('the server hung up'));
    this.socket.on('error', () => undefined);
  }

  /** Returns the body, or '' when nobody wants it. @throws for a status other than 2xx */
  send(request: string, wantsBody = false): Promise<string> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.wantsBody = wantsBody;
      if (this.socket.destroyed) this.fail('the server hung up');
      else this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(length: number, buffer: Uint8Array): boolean {
    // The buffer is used again for the next bytes.
    const whole = this.size === 0;
    let bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
    this.size += length;
    if (!whole) bytes = Buffer.concat([...this.received, bytes]);
    if (this.expected === 0) this.expected = replyLength(bytes);
    if (Number.isNaN(this.expected)) this.fail('a reply without Content-Length');
    else if (this.expected > 0 && this.size >= this.expected) this.finish(bytes);
    else this.received = [Buffer.from(bytes)];
    return true;
  }

  private finish(reply: Buffer): void {
    const { waiting, wantsBody } = this;
    this.waiting = undefined;
    this.received = [];
    this.expected = 0;
    this.size = 0;
    // HTTP/1.1 200
    const isFine = reply[9] === 0x32;
    const body = wantsBody || !isFine ? reply.toString('utf8', reply.indexOf(HEAD_END) + HEAD_END.length) : '';
    if (isFine) waiting?.resolve(body);
    else waiting?.reject(new Error(`${reply.toString('latin1', 9, 12)} ${body.slice(0, 300)}`));
  }

  private fail(message: string): void {
    this.waiting?.reject(new Error(message));
    this.waiting = undefined;
  }
}

/** Bytes of head and body; 0 while the head is not complete, NaN when it does not say. */
function replyLength(bytes: Buffer): number {
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1];
  return end + HEAD_END.length + Number(length);
}
