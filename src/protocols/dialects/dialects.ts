import { apiV1Dialect } from './api-v1.dialect.js';
import type { Dialect } from '../dialect.js';
import { liveuserDialect } from './liveuser.dialect.js';
import { openDialect } from './open.dialect.js';
import { operatorDialect } from './operator.dialect.js';
import { webDialect } from './web.dialect.js';
import { wechatDialect } from './wechat.dialect.js';

const BY_LENGTH: readonly Dialect[] = [
  apiV1Dialect,
  liveuserDialect,
  openDialect,
  wechatDialect,
  operatorDialect,
  webDialect,
].sort((a, b) => b.prefix.length - a.prefix.length);

/** For requests that reached no controller: the longest prefix of whole segments, letter case ignored. */
export function dialectOfPath(path: string): Dialect {
  const lower = path.toLowerCase();
  return BY_LENGTH.find(({ prefix }) => lower === prefix || lower.startsWith(`${prefix}/`)) ?? webDialect;
}
