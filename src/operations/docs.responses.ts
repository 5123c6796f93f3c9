import { isDeepStrictEqual } from 'node:util';
import { DomainError, type ErrorCode } from '../common/domain-error.js';
import type { Dialect, EnvelopeExtras } from '../protocols/dialect.js';

export type Json = Record<string, unknown>;

/** What a method's replies are made of, without the envelope. */
export interface DocumentedReplies {
  /** The example. */
  readonly answer: unknown;
  /** The schema of the method's view class; undefined for a method that returns nothing. */
  readonly view: Json | undefined;
  readonly refusals: readonly (readonly [code: ErrorCode, sentence: string])[];
}

interface Response {
  readonly examples: Record<string, Json>;
  readonly schemas: Json[];
}

/** How a wire refuses; the component's name is the same in every document. */
export const REFUSAL = 'Refusal';

/** One response per HTTP status; on wires that refuse with 200 success and refusals stand side by side. */
export function responsesOf(
  { answer, view, refusals }: DocumentedReplies,
  dialect: Dialect,
  { alias, failure }: EnvelopeExtras,
): Record<string, Json> {
  const success = enveloped(dialect, answer, alias);
  const schemas = success === undefined ? [] : [schemaOf(view ? enveloped(dialect, VIEW, alias) : success, view)];
  const responses = new Map<number, Response>([[200, { examples: { success: { value: success } }, schemas }]]);
  for (const [code, message] of refusals) {
    const { status, body } = dialect.failure(new DomainError(code, message));
    const shown = { ...body, ...failure };
    const response = responses.get(status) ?? { examples: {}, schemas: [] };
    responses.set(status, response);
    response.examples[code] = { value: shown };
    const schema = refusalSchema(dialect, shown);
    if (!response.schemas.some((known) => isDeepStrictEqual(known, schema))) response.schemas.push(schema);
  }
  const type = dialect.contentType?.split(';')[0] ?? 'application/json';
  return Object.fromEntries([...responses].map(([status, response]) => [status, responseOf(status, type, response)]));
}

function responseOf(status: number, type: string, { examples, schemas }: Response): Json {
  const schema = schemas.length > 1 ? { anyOf: schemas } : schemas[0];
  const content = { [type]: { ...(schema ? { schema } : {}), examples } };
  return { description: status === 200 ? 'Success' : 'Refused', content };
}

export function refusalComponent(dialect: Dialect): Json {
  return schemaOf(dialect.failure(new DomainError('invalid', '')).body);
}

function refusalSchema(dialect: Dialect, body: unknown): Json {
  const schema = schemaOf(body);
  return isDeepStrictEqual(schema, refusalComponent(dialect)) ? { $ref: `#/components/schemas/${REFUSAL}` } : schema;
}

/** Stands for the view where the envelope is turned into a schema. */
const VIEW = {};

function enveloped(dialect: Dialect, answer: unknown, alias: string | undefined): unknown {
  const sent = dialect.success(answer, {} as never, { status: () => undefined } as never);
  return alias === undefined ? sent : { ...(sent as object), [alias]: answer };
}

/** The schema of an envelope; `view` is that of {@link VIEW}. */
function schemaOf(value: unknown, view?: Json): Json {
  if (view && value === VIEW) return view;
  if (Array.isArray(value)) return { type: 'array', items: value.length > 0 ? schemaOf(value[0], view) : {} };
  if (typeof value === 'object' && value !== null) {
    const properties = Object.entries(value).map(([key, inner]) => [key, schemaOf(inner, view)] as const);
    const required = Object.keys(value);
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties: Object.fromEntries(properties) };
  }
  if (value === null) return { type: 'object', nullable: true };
  return { type: Number.isInteger(value) ? 'integer' : typeof value };
}
