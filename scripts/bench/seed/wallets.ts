import { Client, requestOf } from '../load/client.js';
import { changeGold, isAccepted } from '../load/partners.js';
import { buyerId, openIdOf, ROOT, tokenOf, type World } from '../world.js';
import { inParallel } from './fill.js';

/** Yuan: no buyer runs out. */
const BALANCE = 10_000_000;
const COINS = 1_000_000_000;
const WIDTH = 16;

/** Money and coins, as the mall books them itself: its audit finds nothing wrong with these wallets. */
export async function fillWallets(port: number, { funded, partners }: World): Promise<void> {
  const clients = Array.from({ length: WIDTH }, () => new Client(port));
  const send = async (request: string): Promise<string> => {
    const client = clients.pop()!;
    const body = await client.send(request, true);
    clients.push(client);
    return body;
  };
  await inParallel(funded, WIDTH, (index) => {
    const grant = { userId: buyerId(index), asset: 'CNY', amount: BALANCE, reason: 'load test' };
    return send(requestOf('POST', '/api/v1/wallet/grant', tokenOf(ROOT), JSON.stringify(grant)));
  });
  await inParallel(partners, WIDTH, async (index) => {
    const body = await send(changeGold(openIdOf(index), `seed-${index}`, 'add', COINS));
    if (!isAccepted(body)) throw new Error(`no coins: ${body}`);
  });
  for (const client of clients) client.close();
}
