import { createHash, randomBytes } from 'node:crypto';
import { buyerId, CREDENTIALS, openIdOf, random } from '../world.js';
import { requestOf } from './client.js';
import { requests, type LoadFactory } from './load.js';

const DAY = 86_400;
const QUARTER = 90 * DAY;
/** Requests that are sent again and again. */
const REPEATED = 64;
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export type GoldType = 'add' | 'take';

let serial = 0;

/** A signed call of the open wire; `request` names it. */
export function changeGold(uid: string, request: string, type: GoldType, value = 1): string {
  const now = Math.floor(Date.now() / 1000);
  serial += 1;
  const parameters = {
    app_id: CREDENTIALS.LINKV_APP_ID,
    // The same all day: a repeat has the same parameters.
    expriation: now - (now % DAY) + QUARTER,
    nonce_str: `${String(serial).padStart(8, '0')}${now}abcdefgh`,
    request_id: request,
    type: type === 'add' ? 1 : 2,
    uid,
    value,
  };
  const text = Object.entries(parameters)
    .map(([name, given]) => `${name}=${given}`)
    .join('&');
  const sign = md5(`${text}&key=${CREDENTIALS.LINKV_APP_SECRET}`);
  return requestOf('POST', '/open/finanv0/changeGold', '', `${text}&sign=${sign}`);
}

/** The open wire says in the body whether it went well. */
export const isAccepted = (body: string): boolean => body.includes('"200"');

const gold = (type: GoldType): LoadFactory => {
  return ({ databases: { world } }) => {
    const run = randomBytes(6).toString('hex');
    let count = 0;
    const next = (): string => changeGold(openIdOf(random(world.partners) - 1), `${run}-${count++}`, type);
    return requests(next, isAccepted);
  };
};

/** The same few requests, all of them accepted once before. */
const repeatedGold: LoadFactory = ({ databases: { world } }) => {
  const run = randomBytes(6).toString('hex');
  let count = 0;
  const next = (): string => {
    const index = count++ % REPEATED;
    return changeGold(openIdOf(index % world.partners), `${run}-${index}`, 'add');
  };
  return requests(next, isAccepted);
};

/** Codes as WeChat would give them: the stub reads the user out of them. */
const login: LoadFactory = ({ databases: { world } }) => {
  let count = 0;
  return requests(() => {
    const user = buyerId(random(world.buyers) - 1);
    return requestOf('GET', `/api/v1/user/code?code=${user}-${count++}`);
  });
};

export const partnerLoads = {
  'gold-new': gold('add'),
  'gold-take': gold('take'),
  'gold-repeat': repeatedGold,
  login,
} satisfies Record<string, LoadFactory>;
