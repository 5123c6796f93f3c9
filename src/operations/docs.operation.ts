import type { OpenAPIObject } from '@nestjs/swagger';
import { DomainError, type ErrorCode } from '../common/domain-error.js';
import type { Dialect } from '../protocols/dialect.js';
import { dialectOfPath } from '../protocols/dialects.js';

type Json = Record<string, unknown>;

export interface Operation {
  description?: string;
  parameters?: Json[];
  requestBody?: { content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
  security?: unknown[];
  'x-doc'?: { answer?: unknown; errors: Partial<Record<ErrorCode, string>> };
  'x-permission'?: number;
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
  delete operation['x-doc'];
  operation.description = [operation.description, accessSentence(access)].filter(Boolean).join('\n\n');
  moveToParameters(operation, method, path, document);
  acceptForms(operation, dialect);
  if (!doc) return;
  operation.responses = responsesOf(doc.answer, refusalsOf(doc.errors, access, operation), dialect, path);
}

function accessSentence(access: number | undefined): string {
  if (access === undefined) return '';
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

/** One response per HTTP status; on wires that refuse with 200 success and refusals stand side by side. */
function responsesOf(
  answer: unknown,
  refusals: [ErrorCode, string][],
  dialect: Dialect,
  path: string,
): Record<string, Json> {
  const success = dialect.success(answer, {} as never, { status: () => undefined } as never);
  const examples: Record<string, Json> = { '200': { success: { value: success } } };
  for (const [code, message] of refusals) {
    const { status, body } = dialect.failure(new DomainError(code, message), path);
    examples[status] = { ...examples[status], [code]: { value: body } };
  }
  return Object.fromEntries(
    Object.entries(examples).map(([status, values]) => {
      const schema = status === '200' && success !== undefined ? schemaOf(success) : undefined;
      return [status, responseOf(status === '200' ? 'Success' : 'Refused', dialect, values, schema)];
    }),
  );
}

function responseOf(description: string, dialect: Dialect, examples: Json, schema?: Json): Json {
  const type = dialect.contentType?.split(';')[0] ?? 'application/json';
  return { description, content: { [type]: { ...(schema ? { schema } : {}), examples } } };
}

/** The schema that an example shows. */
export function schemaOf(value: unknown): Json {
  if (Array.isArray(value)) return { type: 'array', items: value.length > 0 ? schemaOf(value[0]) : {} };
  if (typeof value === 'object' && value !== null) {
    const properties = Object.entries(value).map(([key, inner]) => [key, schemaOf(inner)] as const);
    return { type: 'object', properties: Object.fromEntries(properties) };
  }
  if (value === null) return { nullable: true };
  return typeof value === 'number' ? { type: 'number' } : { type: typeof value };
}
