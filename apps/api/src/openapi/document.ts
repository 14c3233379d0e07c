import { setImmediate } from 'node:timers/promises';
import { VERSION } from '@deptracker/runtime';
import type { ProblemKind } from '../http/problem-kinds.js';
import { ANSWER_HEADERS } from '../routes/answer-headers.js';
import { API_MOUNTS } from '../routes/api-mounts.js';
import type { Answer, Description } from '../routes/operation.js';
import { TAGS } from '../routes/tags.js';
import { type Components, type JsonSchema, toJsonSchema } from './json-schema.js';
import { problemResponses } from './problem-responses.js';

/** An OpenAPI document (https://spec.openapis.org/oas/v3.1.0). */
export type OpenApiDocument = JsonSchema & { readonly paths: Readonly<Record<string, JsonSchema>> };

interface Parts {
  readonly components: Components;
  readonly responses: Map<string, JsonSchema>;
}

const JSON_TYPE = 'application/json';

/** Said once for all operations. */
const ABOUT = `The system of record for deployments. Every error is a problem as RFC 9457 has it. Unknown fields and parameters
are refused. Texts are trimmed; times are ISO-8601 in UTC. Everything under \`/api\` also stands under \`/api/v1\`.`;

const ref = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });

function parameters({ params = {}, query, headers = {}, example }: Description, { components }: Parts): JsonSchema[] {
  const shown = (value: unknown): JsonSchema => (value === undefined ? {} : { example: value });
  const asked = query === undefined ? {} : (toJsonSchema(query, components) as { properties?: Record<string, JsonSchema>; required?: string[] });
  return [
    ...Object.entries(params).map(([name, { schema, description }]) => ({
      name, in: 'path', required: true, description, schema: toJsonSchema(schema, components), ...shown(example.params?.[name]),
    })),
    ...Object.entries(asked.properties ?? {}).map(([name, { description, ...schema }]) => ({
      name, in: 'query', required: asked.required?.includes(name) ?? false, ...(description === undefined ? {} : { description }), schema, ...shown(example.query?.[name]),
    })),
    ...Object.values(headers).map(({ name, schema, description }) => ({
      name, in: 'header', required: false, description, schema: toJsonSchema(schema, components), ...shown(example.headers?.[name]),
    })),
  ];
}

function requestBody({ body, bodyType = JSON_TYPE, example }: Description, { components }: Parts): JsonSchema {
  if (body === undefined) return {};
  const content = { [bodyType]: { schema: toJsonSchema(body, components), example: example.body } };
  return { requestBody: { required: true, content } };
}

function answer({ description, schema, contentType = JSON_TYPE, headers = [] }: Answer, { components }: Parts): JsonSchema {
  return {
    description,
    headers: Object.fromEntries(['X-Request-Id', ...headers].map((name) => [name, ref(name)])),
    ...(schema === undefined ? {} : { content: { [contentType]: { schema: toJsonSchema(schema, components) } } }),
  };
}

/** Every problem that an operation can answer with: its own, and those that follow from what it takes. */
function problemsOf({ mount, params = {}, headers = {}, body, problems = [] }: Description): ProblemKind[] {
  if (mount === 'root') return [...problems];
  return [
    'invalid-request', 'internal', 'overloaded', 'rate-limited', 'unavailable',
    ...Object.values(params).map(({ problem }) => problem),
    ...Object.values(headers).flatMap((header) => header.problems ?? []),
    ...(body === undefined ? [] : (['malformed-json', 'body-too-large', 'unsupported-media-type'] as const)),
    ...problems,
  ];
}

function operationObject(one: Description, parts: Parts): JsonSchema {
  const { operationId, tag, summary, description, mount } = one;
  const asked = parameters(one, parts);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(mount === 'root' ? { servers: [{ url: '/' }] } : {}),
    ...(asked.length === 0 ? {} : { parameters: asked }),
    ...requestBody(one, parts),
    responses: {
      ...Object.fromEntries(Object.entries(one.answers).map(([status, shown]) => [status, answer(shown, parts)])),
      ...problemResponses(problemsOf(one), parts.components, parts.responses),
    },
  };
}

async function pathsOf(descriptions: readonly Description[], parts: Parts): Promise<Record<string, JsonSchema>> {
  const paths: Record<string, JsonSchema> = {};
  for (const one of descriptions) {
    // All of them together take some tenths of a second, in which nobody else would be served.
    await setImmediate();
    const path = one.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method]: operationObject(one, parts) };
  }
  return paths;
}

function headerObjects(): JsonSchema {
  const sent = Object.entries(ANSWER_HEADERS).map(([name, { description, schema }]) => [name, { description, schema: toJsonSchema(schema, new Map()) }]);
  return {
    'X-Request-Id': { description: 'The id that this request goes by: the caller\'s, where it is sane.', schema: { type: 'string' } },
    ...(Object.fromEntries(sent) as JsonSchema),
  };
}

/** The API as an OpenAPI 3.1 document, made of the same schemas that validate, operation by operation. */
export async function openApiDocument(descriptions: readonly Description[]): Promise<OpenApiDocument> {
  const parts: Parts = { components: new Map(), responses: new Map() };
  const paths = await pathsOf(descriptions, parts);
  return {
    openapi: '3.1.0',
    info: { title: 'Dep Tracker', version: VERSION, description: ABOUT, license: { name: 'MIT', identifier: 'MIT' } },
    servers: API_MOUNTS.toReversed().map((url) => ({ url })),
    security: [],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries(parts.components),
      responses: Object.fromEntries(parts.responses),
      headers: headerObjects(),
    },
  };
}
