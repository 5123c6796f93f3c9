/** WeChat's calls by the names that the control API and the call log have for them. */
const ROUTES = {
  jscode2session: ['login', 'GET', /^\/sns\/jscode2session$/],
  oauth_token: ['login', 'GET', /^\/sns\/oauth2\/access_token$/],
  userinfo: ['login', 'GET', /^\/sns\/userinfo$/],
  stable_token: ['login', 'POST', /^\/cgi-bin\/stable_token$/],
  phone: ['login', 'POST', /^\/wxa\/business\/getuserphonenumber$/],
  prepay_jsapi: ['pay', 'POST', /^\/v3\/pay\/transactions\/jsapi$/],
  prepay_app: ['pay', 'POST', /^\/v3\/pay\/transactions\/app$/],
  query: ['pay', 'GET', /^\/v3\/pay\/transactions\/out-trade-no\/[^/]+$/],
  close: ['pay', 'POST', /^\/v3\/pay\/transactions\/out-trade-no\/[^/]+\/close$/],
  refund: ['pay', 'POST', /^\/v3\/refund\/domestic\/refunds$/],
  query_refund: ['pay', 'GET', /^\/v3\/refund\/domestic\/refunds\/[^/]+$/],
  certificates: ['pay', 'GET', /^\/v3\/certificates$/],
  tradebill: ['pay', 'GET', /^\/v3\/bill\/tradebill$/],
  billdownload: ['pay', 'GET', /^\/v3\/billdownload\/file$/],
} as const;

export type RouteName = keyof typeof ROUTES;

export function routeOf(method: string, path: string): { name: RouteName; side: 'login' | 'pay' } | null {
  const found = Object.entries(ROUTES).find(([, [, verb, pattern]]) => verb === method && pattern.test(path));
  return found ? { name: found[0] as RouteName, side: found[1][0] } : null;
}
