import Joi from 'joi';
import { STATUSES } from '@deptracker/domain';
import { PROBLEM_KINDS, type ProblemKind } from '../http/problem-kinds.js';
import { named, orNull, shown, text } from '../routes/shown.js';
import { type Components, type JsonSchema, toJsonSchema } from './json-schema.js';

const FIELD_ERROR = shown({
  pointer: text.optional().description('JSON pointer into the body (RFC 6901).').example('/project'),
  parameter: text.optional().description('Name of a parameter of the query.'),
  header: text.optional().description('Name of a header.'),
  message: text,
  line: Joi.number().integer().optional().description('Within a text of several lines, from 1.'),
  column: Joi.number().integer().optional().description('In characters, from 1.'),
});

const STATUS = Joi.string().valid(...STATUSES).optional();

/** As `sendProblem` sends it, with what single kinds tell besides. */
const PROBLEM = named('Problem', shown({
  type: text.description('Stable; what programs look at.'),
  title: text,
  status: Joi.number().integer(),
  detail: text.description('A sentence for people.'),
  instance: text,
  errors: Joi.array().items(FIELD_ERROR).optional(),
  requestId: text.description('Give it when you report the problem.'),
  from: STATUS,
  to: STATUS,
  allowed: Joi.array().items(text).optional(),
  approval: text.optional(),
  decidedBy: orNull(text).optional(),
  expiresAt: text.optional(),
  reason: text.optional(),
  decision: text.optional(),
  currentRevision: Joi.number().integer().optional(),
  key: text.optional(),
}).unknown(true));

const pascal = (kind: ProblemKind): string => kind.replaceAll(/(?:^|-)(\w)/g, (_match, letter: string) => letter.toUpperCase());

function exampleOf(kind: ProblemKind): object {
  const { status, title } = PROBLEM_KINDS[kind];
  return { type: `/problems/${kind}`, title, status, detail: `${title}.`, instance: '/api/deployments', requestId: 'f6507e48-9c28-49d2-8088-5e93c3257f5f' };
}

function responseOf(status: number, kinds: readonly ProblemKind[], components: Components): JsonSchema {
  const types = kinds.map((kind) => `/problems/${kind}`);
  return {
    description: kinds.map((kind) => `\`${kind}\`: ${PROBLEM_KINDS[kind].title}.`).join(' '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...([429, 503].includes(status) ? { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } : {}),
    },
    content: {
      'application/problem+json': {
        schema: { allOf: [toJsonSchema(PROBLEM, components)], properties: { type: { enum: types }, status: { const: status } } },
        examples: Object.fromEntries(kinds.map((kind) => [kind, { value: exampleOf(kind) }])),
      },
    },
  };
}

/** The responses of these kinds by status; each is put into `shared` under a name and referred to. */
export function problemResponses(
  kinds: readonly ProblemKind[],
  components: Components,
  shared: Map<string, JsonSchema>,
): Record<number, JsonSchema> {
  const statuses = [...new Set(kinds.map((kind) => PROBLEM_KINDS[kind].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const here = [...new Set(kinds.filter((kind) => PROBLEM_KINDS[kind].status === status))].sort();
      const name = here.map(pascal).join('Or');
      if (!shared.has(name)) shared.set(name, responseOf(status, here, components));
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}
