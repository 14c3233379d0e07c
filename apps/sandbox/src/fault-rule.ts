import joi from 'joi';
import { METHOD_PATTERNS } from './methods.js';

/** A fault to be played; times in milliseconds, `retryAfter` in seconds. See docs/sandbox.md for each. */
export interface FaultRule {
  readonly method: string;
  readonly channel?: string;
  readonly latencyMs?: number;
  readonly kind?: 'rate_limit' | 'error' | 'drop_after' | 'reset' | 'garbage' | 'huge' | 'drip';
  readonly retryAfter?: number;
  readonly status?: number;
  readonly error?: string;
  readonly applied?: boolean;
  readonly every?: number;
  readonly times?: number;
  readonly searchLagMs?: number;
}

const MAX_MS = 3_600_000;
const onlyWith = (schema: joi.Schema, ...kinds: string[]): joi.Schema =>
  joi.when('kind', { is: joi.valid(...kinds).required(), then: schema, otherwise: joi.forbidden() }).messages({
    'any.unknown': `{{#label}} goes only with kind ${kinds.join(' or ')}`,
  });

const RULE = joi
  .object({
    method: joi.valid(...METHOD_PATTERNS).required(),
    channel: joi.string(),
    latencyMs: joi.number().integer().min(0).max(MAX_MS),
    kind: joi.valid('rate_limit', 'error', 'drop_after', 'reset', 'garbage', 'huge', 'drip'),
    retryAfter: onlyWith(joi.number().integer().min(0).max(3600), 'rate_limit'),
    status: onlyWith(joi.number().integer().min(400).max(599), 'error'),
    error: onlyWith(joi.string().pattern(/^[a-z_]+$/), 'error'),
    applied: onlyWith(joi.boolean(), 'error', 'garbage', 'huge', 'drip'),
    every: joi.number().integer().min(1).default(1),
    times: joi.number().integer().min(1),
    searchLagMs: joi
      .when('method', {
        is: joi.valid('jira.search', 'jira.*', '*'),
        then: joi.number().integer().min(0).max(MAX_MS),
        otherwise: joi.forbidden(),
      })
      .messages({ 'any.unknown': '{{#label}} goes only with method jira.search' }),
  })
  .or('latencyMs', 'kind', 'searchLagMs')
  .nand('status', 'error')
  .messages({
    'object.missing': '{{#label}} does nothing: give latencyMs, kind or searchLagMs',
    'object.unknown': '{{#label}} is no option of a rule',
  });

const RULES = joi.array().items(RULE).label('rules').required();
const BODY = joi.object({ rules: RULES, searchLagMs: joi.number().integer().min(0).max(MAX_MS) });

/** What `PUT /_faults` asked for, or what is wrong with it: one sentence per mistake. */
export type FaultSettings =
  | { readonly rules: readonly FaultRule[]; readonly searchLagMs: number }
  | { readonly errors: readonly string[] };

/** Reads an array of rules, or `{ rules, searchLagMs }`. */
export function parseFaults(body: unknown): FaultSettings {
  const given = Array.isArray(body) ? { rules: body as unknown } : (body ?? {});
  const result = BODY.validate(given, { abortEarly: false, convert: false });
  if (result.error !== undefined) return { errors: result.error.details.map((detail) => detail.message) };
  const { rules, searchLagMs } = result.value as { rules: FaultRule[]; searchLagMs?: number };
  return { rules, searchLagMs: Math.max(searchLagMs ?? 0, ...rules.map((rule) => rule.searchLagMs ?? 0)) };
}
