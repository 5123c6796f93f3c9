import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';

/** Requests get this long to end (milliseconds) before their connections are cut. */
const LIMIT = 25_000;
const LOOK_AGAIN = 50;

/** On SIGTERM and SIGINT: stop accepting, finish what runs, close the pool, exit with 0. */
export function shutDownOnSignals(app: INestApplication): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    const server = app.getHttpServer() as Server;
    // A keep-alive connection that has just answered is idle only now, after the server began to close.
    const idle = setInterval(() => server.closeIdleConnections(), LOOK_AGAIN);
    const limit = setTimeout(() => server.closeAllConnections(), LIMIT);
    void app
      .close()
      .then(
        () => 0,
        () => 1,
      )
      .then((code) => {
        clearInterval(idle);
        clearTimeout(limit);
        process.exit(code);
      });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
