import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../dist/openapi/document.js';
import { DESCRIPTIONS } from '../../dist/routes/api-routes.js';

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Content {
  readonly schema: Schema;
  readonly example?: unknown;
}

interface DocumentedResponse {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Content>>;
}

interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly servers?: readonly { readonly url: string }[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, DocumentedResponse | { readonly $ref: string }>>;
}

/** An operation of the document, as an outsider reads it. */
export interface Documented extends OperationObject {
  readonly method: string;
  readonly path: string;
}

/** A request to an operation; the names of its headers in lower case. */
export interface Sent {
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const document = await openApiDocument(DESCRIPTIONS);

const components = document['components'] as {
  readonly schemas: Record<string, Schema>;
  readonly responses: Record<string, DocumentedResponse>;
};

export const operations: readonly Documented[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, OperationObject>).map(([method, one]) => ({ ...one, method: method.toUpperCase(), path })),
);

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false, coerceTypes: false });
addFormats.default(ajv);
// Addresses may have letters of every script, which this format in its strict sense has not.
ajv.addFormat('email', /^.+@.+$/su);
ajv.addVocabulary(['components']);
// Reads patterns without the flag for Unicode, as Swagger UI does.
const coercing = new Ajv2020({ strict: false, coerceTypes: true, unicodeRegExp: false });
addFormats.default(coercing);
coercing.addFormat('email', /^.+@.+$/su);

const compiled = new Map<Schema, ValidateFunction>();

/** What is wrong with a value by a schema of the document; null where nothing is. */
export function mistakes(schema: Schema, value: unknown): string | null {
  const validate = compiled.get(schema) ?? ajv.compile({ ...schema, components: { schemas: components.schemas } });
  compiled.set(schema, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

/** Follows a reference of the document. */
export function resolved(schema: Schema): Schema {
  const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema['$ref']))?.[1];
  return name === undefined ? schema : (components.schemas[name] ?? {});
}

function responseOf({ responses }: Documented, status: number): DocumentedResponse | undefined {
  const one = responses[status];
  if (one === undefined || !('$ref' in one)) return one;
  return components.responses[one.$ref.replace('#/components/responses/', '')];
}

const pattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);

/** The operation that a request is for; null where the document has none. */
export function operationAt(method: string, address: string): Documented | null {
  const path = address.split('?', 1)[0] ?? '';
  const below = (one: Documented): string => (one.servers === undefined ? path.replace(/^\/api(\/v1)?(?=\/)/, '') : path);
  const inApi = (one: Documented): boolean => one.servers !== undefined || path.startsWith('/api/');
  const found = operations.filter((one) => inApi(one) && pattern(one.path).test(below(one)));
  // `/deployments/batch` before `/deployments/{id}`, also where it does not take the method.
  const [closest] = found.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  return found.find((one) => one.path === closest?.path && one.method === method) ?? null;
}

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What an answer has that its operation's description has not; null where it is as described. */
export function undescribed(operation: Documented, { status, headers, body }: Got): string | null {
  const response = responseOf(operation, status);
  if (response === undefined) return `status ${status} is not described`;
  const missing = Object.keys(response.headers ?? {}).filter((name) => ['X-Request-Id', 'Retry-After', 'ETag', 'Location'].includes(name) && !headers.has(name));
  if (missing.length > 0 && operation.servers === undefined) return `${missing.join(', ')} missing`;
  const type = headers.get('content-type')?.split(';')[0];
  // What nobody reads has none: HEAD, 304, and acknowledged payloads of Slack.
  if (body === '') return response.content === undefined || operation.tags.includes('Slack') ? null : 'an empty body is not described';
  const content = response.content?.[type ?? ''];
  return content === undefined ? `content type ${type} is not described` : mistakes(content.schema, body);
}

/** Fails where an operation answers otherwise than described. */
export function assertDescribed(method: string, address: string, answer: Got): void {
  const operation = operationAt(method, address);
  const wrong = operation === null ? null : undescribed(operation, answer);
  if (wrong !== null) throw new Error(`${method} ${address} is answered otherwise than described: ${wrong}\n${JSON.stringify(answer.body)}`);
}

function invalidParameter(name: string, schema: Schema, value: string): string | null {
  const validate = coercing.compile({ type: 'object', properties: { value: schema } });
  return validate({ value }) ? null : `${name}: ${coercing.errorsText(validate.errors)}`;
}

/** What a request has that its operation's description does not allow. */
export function misfit(operation: Documented, { params, query, headers, body }: Sent): string | null {
  const given: Record<Parameter['in'], Readonly<Record<string, string>>> = { path: params, query: Object.fromEntries(query), header: headers };
  const all = operation.parameters ?? [];
  for (const { name, in: place, required, schema } of all) {
    const value = given[place][place === 'header' ? name.toLowerCase() : name];
    const wrong = value === undefined ? (required ? `${name} is missing` : null) : invalidParameter(name, schema, value);
    if (wrong !== null) return wrong;
  }
  const unknown = query.map(([name]) => name).filter((name) => !all.some((one) => one.in === 'query' && one.name === name));
  if (unknown.length > 0) return `unknown: ${unknown.join(', ')}`;
  const [content] = Object.values(operation.requestBody?.content ?? {});
  return content === undefined ? null : mistakes(content.schema, body);
}
