import type { RouteName } from './faults.js';

interface Route {
  readonly name: RouteName;
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
}

const LOGIN_ROUTES: readonly Route[] = [
  { name: 'jscode2session', method: 'GET', path: /^\/sns\/jscode2session$/ },
  { name: 'oauth_token', method: 'GET', path: /^\/sns\/oauth2\/access_token$/ },
  { name: 'userinfo', method: 'GET', path: /^\/sns\/userinfo$/ },
  { name: 'stable_token', method: 'POST', path: /^\/cgi-bin\/stable_token$/ },
  { name: 'phone', method: 'POST', path: /^\/wxa\/business\/getuserphonenumber$/ },
];

const PAY_ROUTES: readonly Route[] = [
  { name: 'prepay_jsapi', method: 'POST', path: /^\/v3\/pay\/transactions\/jsapi$/ },
  { name: 'prepay_app', method: 'POST', path: /^\/v3\/pay\/transactions\/app$/ },
  { name: 'query', method: 'GET', path: /^\/v3\/pay\/transactions\/out-trade-no\/[^/]+$/ },
  { name: 'query_by_id', method: 'GET', path: /^\/v3\/pay\/transactions\/id\/[^/]+$/ },
  { name: 'close', method: 'POST', path: /^\/v3\/pay\/transactions\/out-trade-no\/[^/]+\/close$/ },
  { name: 'refund', method: 'POST', path: /^\/v3\/refund\/domestic\/refunds$/ },
  { name: 'query_refund', method: 'GET', path: /^\/v3\/refund\/domestic\/refunds\/[^/]+$/ },
  { name: 'certificates', method: 'GET', path: /^\/v3\/certificates$/ },
  { name: 'tradebill', method: 'GET', path: /^\/v3\/bill\/tradebill$/ },
  { name: 'billdownload', method: 'GET', path: /^\/v3\/billdownload\/file$/ },
  { name: 'echo', method: 'POST', path: /^\/v3\/security\/echo$/ },
];

export function routeOf(method: string, path: string): { name: RouteName; side: 'login' | 'pay' } | null {
  const matches = (route: Route): boolean => route.method === method && route.path.test(path);
  const login = LOGIN_ROUTES.find(matches);
  if (login) return { name: login.name, side: 'login' };
  const pay = PAY_ROUTES.find(matches);
  return pay ? { name: pay.name, side: 'pay' } : null;
}
