import { createHash } from 'node:crypto';

/* What development leaves in a database, and a production start knows it by (docs/security.md 2.11). */

/** The mini program of a simulator that was given no other app id; no app of WeChat's has this one. */
export const SIMULATED_APP_ID = 'wx0000000000000001';
/** How the simulator's openids begin under every app id. Those of WeChat begin alike within one app. */
export const SIMULATED_OPENID_PREFIX = 'oDemo';
/** Under which the demo data's people stand where the simulator is off. */
export const DEMO_APP_ID = 'demo';

/** The partner app outside production; its secret is derived, not printed, and publicly known all the same. */
export const DEMO_LINKV_APP = {
  appId: 'LM6000101140927991745433',
  appSecret: createHash('md5').update('demo-linkv-secret').digest('hex'),
  appAlias: 'livemall',
} as const;
