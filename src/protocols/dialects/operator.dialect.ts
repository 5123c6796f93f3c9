import { bearerCredential, HTTP_STATUS, mergedInput, type Dialect } from '../dialect.js';

/** Health and metrics: plain answers for machines. */
export const operatorDialect: Dialect = {
  name: 'operator',
  prefix: '/health',
  credential: bearerCredential,
  input: mergedInput,
  success: (data) => data,
  failure: (error) => ({ status: HTTP_STATUS[error.code], body: { error: error.message } }),
};
