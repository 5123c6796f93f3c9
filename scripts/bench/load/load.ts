import type { Databases } from '../servers.js';
import type { Client } from './client.js';

/** Where a load goes. */
export interface Target {
  readonly port: number;
  /** Of the server under load. */
  readonly databases: Databases;
}

/** Something that clients do again and again. */
export interface Load<C = Client> {
  /** What a round needs before it begins, for at most so many seconds of load. */
  prepare?(seconds: number): Promise<void>;
  /** Does it once; null when nothing is left to do. @throws when it was refused */
  once(client: C): Promise<unknown> | null;
}

export type LoadFactory = (target: Target) => Load;

/** One request after the other; a reply counts when its status is 2xx and `accepts` likes its body. */
export function requests(next: () => string | null, accepts?: (body: string) => boolean): Pick<Load, 'once'> {
  const sendChecked = async (client: Client, request: string): Promise<void> => {
    const body = await client.send(request, true);
    if (!accepts?.(body)) throw new Error(`not accepted: ${body.slice(0, 300)}`);
  };
  return {
    once: (client) => {
      const request = next();
      if (request === null) return null;
      return accepts ? sendChecked(client, request) : client.send(request);
    },
  };
}
