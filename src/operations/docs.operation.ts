import type { OpenAPIObject } from '@nestjs/swagger';
import type { ErrorCode } from '../common/domain-error.js';
import type { Dialect, EnvelopeExtras } from '../protocols/dialect.js';
import { dialectOfPath } from '../protocols/dialects/dialects.js';
import { responsesOf, type Json } from './docs.responses.js';

export interface Operation {
  description?: string;
  parameters?: Json[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
  security?: unknown[];
  'x-doc'?: { answer?: unknown; errors: Partial<Record<ErrorCode, string>> };
  'x-permission'?: number;
  'x-signed'?: string;
  'x-envelope'?: EnvelopeExtras;
  'x-rate-limit'?: string;
}

const PERMISSION_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [1, 'user'],
  [2, 'merchant'],
  [4, 'root'],
];

/** Adds what decorators cannot know: the envelope around examples, the refusals, parameters in path and query. */
export function completeOperation(
  operation: Operation,
  { method, path }: { readonly method: string; readonly path: string },
  document: OpenAPIObject,
): void {
  const dialect = dialectOfPath(path);
  const doc = operation['x-doc'];
  const access = operation['x-permission'];
  const envelope = operation['x-envelope'] ?? {};
  delete operation['x-doc'];
  delete operation['x-envelope'];
  operation.description = [operation.description, accessSentence(access, operation['x-signed'])]
    .filter(Boolean)
    .join('\n\n');
  operation.security ??= [];
  moveToParameters(operation, method, path, document);
  acceptForms(operation, dialect);
  if (!doc) return;
  const refusals = refusalsOf(doc.errors, access, operation);
  operation.responses = responsesOf({ answer: doc.answer, view: viewOf(operation), refusals }, dialect, envelope);
}

function accessSentence(access: number | undefined, signed: string | undefined): string {
  if (access === undefined) return '';
  if (signed !== undefined) return signed === 'operator' ? 'Access: the operator.' : 'Access: a signed request.';
  if (access === 0) return 'Access: everybody.';
  const names = PERMISSION_NAMES.filter(([bit]) => (access & bit) !== 0).map(([, name]) => name);
  return access === 7 ? 'Access: any login.' : `Access: ${names.join(' or ')}.`;
}

/** What the DTO reads from the path, and of a GET all the rest, becomes parameters; a body of which nothing is left goes. */
function moveToParameters(operation: Operation, method: string, path: string, document: OpenAPIObject): void {
  const { properties = {}, required = [] } = bodyOf(operation, document);
  const isInPath = (name: string): boolean => path.includes(`{${name}}`);
  const moved = Object.entries(properties).filter(([name]) => method === 'get' || isInPath(name));
  if (method === 'get' || (moved.length > 0 && moved.length === Object.keys(properties).length))
    delete operation.requestBody;
  const parameters = moved.map(([name, { description, example, ...schema }]) => ({
    name,
    in: isInPath(name) ? 'path' : 'query',
    required: isInPath(name) || required.includes(name),
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    schema,
  }));
  operation.parameters = [...(operation.parameters ?? []), ...parameters];
}

function bodyOf(
  operation: Operation,
  document: OpenAPIObject,
): { properties?: Record<string, Json>; required?: string[] } {
  const reference = operation.requestBody?.content['application/json']?.schema['$ref'];
  const name = typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : '';
  return (document.components?.schemas?.[name] as ReturnType<typeof bodyOf> | undefined) ?? {};
}

function acceptForms(operation: Operation, dialect: Dialect): void {
  const json = operation.requestBody?.content['application/json'];
  if (!operation.requestBody || !json) return;
  const form = { 'application/x-www-form-urlencoded': json };
  operation.requestBody.content = dialect.name === 'open' ? form : { 'application/json': json, ...form };
}

function refusalsOf(
  own: Partial<Record<ErrorCode, string>>,
  access: number | undefined,
  operation: Operation,
): [ErrorCode, string][] {
  const hasInput = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0;
  return Object.entries({
    ...(access ? { unauthenticated: 'login required', invalid_token: 'the token is not valid' } : {}),
    ...(access && access !== 7 ? { forbidden: 'permission denied' } : {}),
    ...(hasInput ? { invalid: 'a parameter is missing or out of range' } : {}),
    ...(operation['x-rate-limit'] ? { too_many_requests: 'too many requests' } : {}),
    ...own,
  }) as [ErrorCode, string][];
}

/** The schema of the method's view class, which the build has read from its return type. */
function viewOf({ responses }: Operation): Json | undefined {
  const content = Object.values(responses)[0]?.['content'] as Record<string, { schema: Json }> | undefined;
  const schema = content?.['application/json']?.schema;
  return schema && (schema['$ref'] || schema['items']) ? schema : undefined;
}
