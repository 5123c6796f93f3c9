import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** First bytes of what waits for an answer: a query, and a statement that is prepared or executed. */
const ASKS = new Set([0x03, 0x16, 0x17]);

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands between a server and its MySQL database, as a network that loses connections. */
export class DatabaseProxy {
  private readonly pairs = new Set<Pair>();
  private readonly silent = new Set<Socket>();
  private isFrozen = false;
  /** MySQL's number of the error that answers every statement. */
  refusal: number | null = null;
  /** Whether that is so for what sets up a session, too. */
  refusesSessions = false;
  /** Connections that were ever made. */
  made = 0;

  private constructor(
    private readonly listener: Server,
    /** What DATABASE_URL is behind it. */
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<DatabaseProxy> {
    const behind = new URL(databaseUrl);
    const listener = createServer((client) => proxy.accept(client, behind));
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((listener.address() as { port: number }).port);
    const proxy = new DatabaseProxy(listener, url.href);
    return proxy;
  }

  get open(): number {
    return this.pairs.size;
  }

  /** What is open now never says anything again, and does not close: half-open. New connections are well. Returns how many. */
  fallSilent(): number {
    for (const { client, server } of this.pairs) {
      this.silent.add(client);
      this.silent.add(server);
    }
    return this.open;
  }

  /** Nothing passes and nothing is lost until {@link thaw}; whoever connects meanwhile is not greeted. */
  freeze(): void {
    this.isFrozen = true;
    for (const { client, server } of this.pairs) for (const socket of [client, server]) socket.pause();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const { client, server } of this.pairs) for (const socket of [client, server]) socket.resume();
  }

  drop(): void {
    for (const { client, server } of this.pairs) for (const socket of [client, server]) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.drop();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private accept(client: Socket, behind: URL): void {
    const server = connect(Number(behind.port), behind.hostname);
    const pair = { client, server };
    this.pairs.add(pair);
    this.made += 1;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => {
        if (this.silent.has(from)) return;
        const isRefused = this.refusal !== null && from === client && this.isRefused(bytes);
        if (isRefused) from.write(errorPacket(this.refusal!));
        else to.write(bytes);
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        to.destroy();
        this.silent.delete(from);
        this.pairs.delete(pair);
      });
      if (this.isFrozen) from.pause();
    }
  }

  /** The first packet of a command has the number 0. */
  private isRefused(bytes: Buffer): boolean {
    if (bytes[3] !== 0 || !ASKS.has(bytes[4])) return false;
    return this.refusesSessions || bytes.toString('latin1', 5, 16) !== 'SET SESSION';
  }
}

function errorPacket(errno: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0xff, errno & 0xff, errno >> 8]),
    Buffer.from('#HY000refused by the proxy'),
  ]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 1]), body]);
}
