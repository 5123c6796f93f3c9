import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { elapsed } from '../support/clock.js';
import { Outgoing, type Lane } from '../../src/integrations/wechat/outgoing.js';

describe('calls to one host', () => {
  let server: Server;
  let base: string;
  let received = 0;
  const connections = new Set<number | undefined>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      received += 1;
      connections.add(request.socket.remotePort);
      if (request.url === '/drop') request.socket.destroy();
      else if (request.url === '/redirect') response.writeHead(302, { location: `${base}/ok` }).end();
      else if (request.url === '/large') response.end(Buffer.alloc(4096));
      else if (request.url === '/ok') response.end('fine');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const get = (outgoing: Outgoing, path: string, timeoutMs = 1000, maxBytes = 1024, lane?: Lane): Promise<string> =>
    outgoing.send({ lane, method: 'GET', url: base + path }, timeoutMs, maxBytes).then(
      (reply) => reply.body.toString(),
      (error: unknown) => (error as { reason: string }).reason,
    );

  it('names what went wrong', async () => {
    const outgoing = new Outgoing();
    expect(await get(outgoing, '/ok')).toBe('fine');
    expect(await get(outgoing, '/drop')).toBe('network');
    expect(await get(outgoing, '/hang', 50)).toBe('timeout');
    expect(await get(outgoing, '/large')).toBe('too_large');
  });

  it('follows no redirect', async () => {
    received = 0;
    expect(await get(new Outgoing(), '/redirect')).toBe('redirect');
    expect(received).toBe(1);
  });

  it('keeps connections open between calls', async () => {
    const outgoing = new Outgoing();
    connections.clear();
    for (let i = 0; i < 10; i += 1) await get(outgoing, '/ok');
    expect(connections.size).toBeLessThan(4);
  });

  it('refuses at once when too many calls are in flight', async () => {
    const outgoing = new Outgoing({ maxInFlight: 2, failuresToOpen: 10, openMs: 1000 });
    received = 0;
    const answers = await Promise.all(Array.from({ length: 5 }, () => get(outgoing, '/ok')));
    expect(answers.toSorted()).toEqual(['fine', 'fine', 'overloaded', 'overloaded', 'overloaded']);
    expect(received).toBe(2);
  });

  it('keeps for each lane its share, whatever another takes, and gives what is left to whoever comes first', async () => {
    const shares = { login: 2, payment: 1 };
    const outgoing = new Outgoing({ maxInFlight: 5, failuresToOpen: 99, openMs: 1000, shares });
    const crowd = (lane: Lane, count: number): Promise<string>[] =>
      Array.from({ length: count }, () => get(outgoing, '/ok', 1000, 1024, lane));
    const [others, logins, payments, jobs] = [
      crowd('other', 9),
      crowd('login', 4),
      crowd('payment', 4),
      crowd('jobs', 4),
    ];
    const served = async (replies: Promise<string>[]): Promise<number> =>
      (await Promise.all(replies)).filter((reply) => reply === 'fine').length;
    expect([await served(others), await served(logins), await served(payments), await served(jobs)]).toEqual([
      2, 2, 1, 0,
    ]);
    expect(await served(crowd('login', 9))).toBe(4);
    expect(await served(crowd('other', 1))).toBe(1);
  });

  it('serves one caller a few calls at once, and others beside him', async () => {
    const outgoing = new Outgoing({ maxInFlight: 9, maxPerCaller: 2, failuresToOpen: 99, openMs: 1000 });
    const of = (caller: string | undefined, count: number): Promise<string[]> =>
      Promise.all(
        Array.from({ length: count }, () =>
          outgoing.send({ caller, method: 'GET', url: `${base}/ok` }, 1000).then(
            () => 'fine',
            (error: unknown) => (error as { reason: string }).reason,
          ),
        ),
      );
    const replies = await Promise.all([of('eager', 4), of('calm', 2), of(undefined, 3)]);
    expect(replies).toEqual([
      ['fine', 'fine', 'overloaded', 'overloaded'],
      ['fine', 'fine'],
      ['fine', 'fine', 'fine'],
    ]);
    expect(await of('eager', 2)).toEqual(['fine', 'fine']);
  });

  it('stops a lane whose calls fail, and no other', async () => {
    const outgoing = new Outgoing({ maxInFlight: 9, failuresToOpen: 3, openMs: 59_000 });
    for (let i = 0; i < 3; i += 1) expect(await get(outgoing, '/drop', 1000, 1024, 'other')).toBe('network');
    expect(await get(outgoing, '/ok', 1000, 1024, 'other')).toBe('overloaded');
    expect(await get(outgoing, '/ok', 1000, 1024, 'login')).toBe('fine');
  });

  it('sends nothing after many failures in a row, then one trial, and goes on when that succeeds', async () => {
    const outgoing = new Outgoing({ maxInFlight: 9, failuresToOpen: 3, openMs: 59_000 });
    for (let i = 0; i < 3; i += 1) expect(await get(outgoing, '/drop')).toBe('network');
    received = 0;
    expect(await get(outgoing, '/ok')).toBe('overloaded');
    await elapsed(60_000, async () => {
      expect(await Promise.all([get(outgoing, '/drop'), get(outgoing, '/ok')])).toEqual(['network', 'overloaded']);
      expect(received).toBe(1);
    });
    await elapsed(120_000, async () => {
      expect(await get(outgoing, '/ok')).toBe('fine');
      expect(await get(outgoing, '/ok')).toBe('fine');
    });
  });
});
