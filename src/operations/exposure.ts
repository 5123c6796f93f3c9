import { isLoopback } from '../common/network.js';
import type { Config } from '../config/config.js';

/** What everybody who reaches the server may do while the simulator is on; null where only this machine reaches it. */
export function exposureOf({
  host,
  wechat,
}: Pick<Config, 'host'> & { wechat: Pick<Config['wechat'], 'mode'> }): string | null {
  if (wechat.mode !== 'simulator' || host === 'localhost' || isLoopback(host)) return null;
  return (
    `the WeChat simulator is on and HOST is ${host}: everybody on the network may log in as anybody, as root with the code ` +
    'demo-root, give himself money and coins, and read everything. Leave HOST unset, or set WECHAT_APP_ID'
  );
}
