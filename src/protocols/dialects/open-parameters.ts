import { DomainError } from '../../common/domain-error.js';
import type { WireRequest } from '../dialect.js';

/** Such a name could spell another request's signed text, or is an array. */
const UNUSABLE_NAME = /^$|[&=[\]]/;

/**
 * Query and form together, decoded and otherwise as sent: the signature covers all of it (docs/linkv.md, Request).
 * @throws DomainError `invalid` for a name given twice, an array, or any other body than a form
 */
export function openParameters(request: WireRequest): Record<string, string> {
  const parameters = Object.create(null) as Record<string, string>;
  const mark = request.originalUrl.indexOf('?');
  const query = mark === -1 ? '' : request.originalUrl.slice(mark + 1);
  for (const source of [query, formOf(request)]) {
    if (source === '') continue;
    for (const [name, value] of new URLSearchParams(source)) {
      if (UNUSABLE_NAME.test(name)) throw new DomainError('invalid', 'a parameter has an unusable name');
      if (parameters[name] !== undefined) throw new DomainError('invalid', 'a parameter is given twice');
      parameters[name] = value;
    }
  }
  return parameters;
}

function formOf(request: WireRequest): string {
  const { rawBody } = request;
  if (rawBody === undefined || rawBody.length === 0) return '';
  if (!request.is('application/x-www-form-urlencoded')) throw new DomainError('invalid', 'send a urlencoded form');
  return rawBody.toString('utf8');
}
