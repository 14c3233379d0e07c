import Joi, { type CustomHelpers } from 'joi';

const METADATA_BYTES = 16 * 1024;

/**
 * Our words stand with the types: `.messages()` on a field would have joi merge them into its preferences at each
 * validation of it, which takes longer than the validation.
 */
const joi = Joi.extend(
  {
    type: 'string',
    base: Joi.string(),
    messages: {
      'text.control': '{#label} must not contain control characters',
      'text.email': '{#label} must be an e-mail address',
      'text.hex': '{#label} must be 7 to 64 hexadecimal digits',
      'text.uuid': '{#label} must be a UUID',
      'text.web': '{#label} must be an http or https address',
    },
  },
  {
    type: 'object',
    base: Joi.object(),
    messages: { 'object.bytes': `{#label} must not have more than ${METADATA_BYTES} bytes as JSON` },
  },
) as typeof Joi;

/** Letters of every script, marks, signs and spaces, but no control characters: one line of text. */
const ONE_LINE = /^\P{Cc}*$/u;

const trimmed = (text: string): string => text.trim();

const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f`;

/** Besides, not blank: what `line` checks after trimming. Swagger UI does not know classes of Unicode. */
const NOT_BLANK = String.raw`^[^${CONTROL}]*[^\s${CONTROL}][^${CONTROL}]*$`;

/** A trimmed, non-empty line of text. */
export function line(max: number): Joi.StringSchema {
  return joi
    .string()
    .meta({ openapi: { pattern: NOT_BLANK } })
    .custom((text: string, helpers) => trimmed(text) || helpers.error('string.empty'))
    .max(max)
    .custom((text: string, helpers) => (ONE_LINE.test(text) ? text : helpers.error('text.control')));
}

/** NUL cannot be stored. */
const NO_NUL = String.raw`^[^\u0000]*$`;

/** Several lines of text, trimmed; it may be empty, which is as good as null. */
export function prose(max: number): Joi.StringSchema {
  return Joi.string().max(max).custom(trimmed).allow('', null).meta({ openapi: { pattern: NO_NUL } });
}

const ADDRESS = Joi.string().email({ tlds: { allow: false } });

/** People are known by their address in lower case. */
export const email: Joi.StringSchema = joi
  .string()
  .custom((text: string) => trimmed(text).toLowerCase())
  .max(254)
  .custom((text: string, helpers: CustomHelpers) =>
    ADDRESS.validate(text).error === undefined ? text : helpers.error('text.email'),
  )
  .meta({ openapi: { type: 'string', format: 'email', maxLength: 254 } })
  .example('alice@example.com');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id in its one form; null for a text that is none. */
export function asUuid(text: string): string | null {
  const id = text.toLowerCase();
  return UUID.test(id) ? id : null;
}

export const uuid: Joi.StringSchema = joi
  .string()
  .custom((text: string, helpers) => asUuid(text) ?? helpers.error('text.uuid'))
  .meta({ openapi: { type: 'string', format: 'uuid' } });

const SHA = /^[0-9a-f]{7,64}$/;

export const commitSha: Joi.StringSchema = joi
  .string()
  .custom((text: string, helpers) => {
    const sha = trimmed(text).toLowerCase();
    return SHA.test(sha) ? sha : helpers.error('text.hex');
  })
  .meta({ openapi: { type: 'string', pattern: '^[0-9a-fA-F]{7,64}$' } })
  .example('9f2c1e7');

/** Of a text without blanks around it or control characters within, which is all that a URL may have before its scheme. */
const isWeb = (address: string): boolean => /^https?:/i.test(address) && URL.canParse(address);

/** An address for a browser. */
export const webAddress: Joi.StringSchema = line(2000)
  .custom((address: string, helpers) => (isWeb(address) ? address : helpers.error('text.web')))
  .meta({ openapi: { type: 'string', format: 'uri', pattern: '^[Hh][Tt][Tt][Pp][Ss]?:', maxLength: 2000 } });

const link = Joi.object({
  title: line(200).required(),
  url: webAddress.required().example('https://ci.example.com/812'),
});

export const links: Joi.ArraySchema = Joi.array().items(link).max(20);

/** Any JSON object within reason. */
export const metadata: Joi.ObjectSchema = joi
  .object()
  .unknown(true)
  .custom((value: object, helpers) =>
    Buffer.byteLength(JSON.stringify(value)) <= METADATA_BYTES ? value : helpers.error('object.bytes'),
  )
  .meta({ openapi: {} })
  .description('Any object of at most 16 kB as JSON, nested at most 30 deep.');

/** A parameter of a query: text once, not blank. */
export function parameter(max: number): Joi.StringSchema {
  return line(max).messages({ 'string.base': '{#label} must be text once' });
}

/** A whole number in a query. */
export function count(min: number, max: number): Joi.StringSchema {
  return Joi.string()
    .custom((text: string, helpers) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : helpers.error('number.range');
    })
    .messages({
      'string.base': '{#label} must be text once',
      'number.range': `{#label} must be a whole number from ${min} to ${max}`,
    })
    .meta({ openapi: { type: 'integer', minimum: min, maximum: max } });
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** A day or a moment with its zone, as ISO-8601 has it; null for anything else and for days that do not exist. */
function asMoment(text: string): Date | null {
  const [, day] = MOMENT.exec(text) ?? [];
  const moment = new Date(text);
  if (day === undefined || Number.isNaN(moment.getTime())) return null;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? moment : null;
}

/** A moment in a query; a day alone is its beginning in UTC. */
export const moment: Joi.StringSchema = Joi.string()
  .custom((text: string, helpers) => asMoment(text) ?? helpers.error('date.format'))
  .messages({
    'string.base': '{#label} must be text once',
    'date.format': '{#label} must be ISO-8601: a day, or a time with Z or an offset',
  })
  .meta({ openapi: { type: 'string', pattern: MOMENT.source } })
  .example('2026-11-01');

/** For addresses that take no parameters. */
export const noQuery: Joi.ObjectSchema<object> = Joi.object({});
