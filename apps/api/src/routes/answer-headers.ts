import Joi from 'joi';

/** The headers that an answer can carry besides `X-Request-Id`, which all have. */
export const ANSWER_HEADERS = {
  'ETag': { description: 'What was shown: `"<revision>-<digest>"`, of a list `"<digest>"`. Send it as `If-Match` or `If-None-Match`.', schema: Joi.string() },
  'Location': { description: 'Where what was created stands.', schema: Joi.string() },
  'Idempotent-Replayed': { description: 'The request was made before; this is its first answer again.', schema: Joi.string().valid('true') },
  'Retry-After': { description: 'Seconds to wait before the request is made again.', schema: Joi.string().pattern(/^\d+$/) },
} as const satisfies Record<string, { description: string; schema: Joi.Schema }>;

export type AnswerHeader = keyof typeof ANSWER_HEADERS;
