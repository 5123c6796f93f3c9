import { HTTP_STATUS, type Dialect } from '../dialect.js';

/** WeChat Pay's notifications: a route without data answers 204, one with data 200; anything else has it sent again (docs/wechat.md 5.3). */
export const wechatDialect: Dialect = {
  name: 'wechat',
  prefix: '/api/v1/payment/notify',
  credential: () => null,
  input: () => ({}),
  success: (data, _request, response) => {
    if (data === undefined) response.status(204);
    return data;
  },
  failure: (error) => ({ status: HTTP_STATUS[error.code], body: { code: 'FAIL', message: error.message } }),
};
