import Joi, { type SchemaMap } from 'joi';

/** An object of an answer: has every member, unless one says that it is optional, and no others. */
export function shown(members: SchemaMap): Joi.ObjectSchema {
  return Joi.object(members).prefs({ presence: 'required' });
}

/** The schema under a name of its own in the document, which all who use it refer to. */
export function named<S extends Joi.Schema>(name: string, schema: S): S {
  return schema.meta({ component: name }) as S;
}

export const id = Joi.string().guid().example('01a1f9c1-1f18-73d2-9c31-723516cb0a45');
export const revision = Joi.number().integer().min(0);
export const time = Joi.string().isoDate().example('2026-11-20T16:19:05.625Z');
export const text = Joi.string().allow('');

/** The same, or null. */
export function orNull<S extends Joi.Schema>(schema: S): S {
  return schema.allow(null) as S;
}

/** One page of a list. */
export function page(item: Joi.Schema): Joi.ObjectSchema {
  return shown({
    data: Joi.array().items(item),
    nextCursor: orNull(text).description('Pass it as `cursor`, with the same filters, for the next page; null on the last.'),
  });
}
