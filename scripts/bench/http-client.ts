import { connect, type Socket } from 'node:net';

/** A POST of a form as it goes over the socket. */
export function formPost(path: string, form: string): string {
  const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(form)}\r\n\r\n${form}`;
}

/** Keep-alive connections that cost little beside the servers: replies must have a Content-Length. */
export class HttpClient {
  private readonly idle: Connection[] = [];

  constructor(private readonly port: number) {}

  /** The reply's body. */
  async send(request: string): Promise<string> {
    const connection = this.idle.pop() ?? new Connection(this.port);
    const body = await connection.send(request);
    this.idle.push(connection);
    return body;
  }

  close(): void {
    for (const connection of this.idle) connection.close();
  }
}

class Connection {
  private readonly socket: Socket;
  private received = '';
  private waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('utf8');
    this.socket.on('data', (chunk) => this.receive(String(chunk)));
    this.socket.on('close', () => this.waiting?.reject(new Error('the server hung up')));
    this.socket.on('error', () => undefined);
  }

  send(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) reject(new Error('the server hung up'));
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: string): void {
    this.received += chunk;
    const end = this.received.indexOf('\r\n\r\n');
    const length = end === -1 ? null : /\r\ncontent-length: (\d+)/i.exec(this.received.slice(0, end));
    if (!length || this.received.length < end + 4 + Number(length[1])) return;
    const body = this.received.slice(end + 4);
    this.received = '';
    this.waiting?.resolve(body);
    this.waiting = undefined;
  }
}
