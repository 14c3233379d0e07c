import Joi from 'joi';
import { describe, expect, it } from 'vitest';
import { type Components, toJsonSchema } from '../dist/openapi/json-schema.js';
import { named, orNull, shown } from '../dist/routes/shown.js';

const said = (schema: Joi.Schema, components: Components = new Map()) => toJsonSchema(schema, components);

describe('a joi schema as JSON Schema', () => {
  it.each<[string, Joi.Schema, object]>([
    ['a text', Joi.string().max(5), { type: 'string', minLength: 1, maxLength: 5 }],
    ['a text that may be empty', Joi.string().allow(''), { type: 'string' }],
    ['a text of a pattern', Joi.string().pattern(/^a\/b$/u), { type: 'string', minLength: 1, pattern: String.raw`^a\/b$` }],
    ['one of several, or null', Joi.string().valid('a', 'b').allow(null), { type: ['string', 'null'], enum: ['a', 'b', null] }],
    ['a number', Joi.number().integer().min(1).max(3).default(2), { type: 'integer', minimum: 1, maximum: 3, default: 2 }],
    ['a list', Joi.array().items(Joi.boolean()).min(1).max(3).unique(), { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 3, uniqueItems: true }],
    ['a list of several kinds', Joi.array().items(Joi.boolean(), Joi.number()), { type: 'array', items: { anyOf: [{ type: 'boolean' }, { type: 'number' }] } }],
    ['any of several', Joi.alternatives(Joi.boolean(), Joi.number()), { anyOf: [{ type: 'boolean' }, { type: 'number' }] }],
    ['exactly one of several', Joi.alternatives(Joi.boolean(), Joi.number()).match('one'), { oneOf: [{ type: 'boolean' }, { type: 'number' }] }],
    ['an object', Joi.object({ a: Joi.any().required(), b: Joi.boolean() }), { type: 'object', properties: { a: {}, b: { type: 'boolean' } }, required: ['a'], additionalProperties: false }],
    ['any object', Joi.object(), { type: 'object', additionalProperties: true }],
    ['a table', Joi.object().pattern(Joi.string(), Joi.boolean()), { type: 'object', additionalProperties: { type: 'boolean' } }],
    ['a table with patterns', Joi.object().pattern(/^x-/, Joi.boolean()), { type: 'object', patternProperties: { '^x-': { type: 'boolean' } }, additionalProperties: false }],
    ['an answer', shown({ a: Joi.any(), b: Joi.any().optional() }), { type: 'object', properties: { a: {}, b: {} }, required: ['a'], additionalProperties: false }],
    ['a hint', Joi.string().custom((value: string) => value).meta({ openapi: { pattern: 'x' } }), { type: 'string', minLength: 1, pattern: 'x' }],
    ['a hint with its type', Joi.string().custom((value: string) => Number(value)).meta({ openapi: { type: 'integer' } }), { type: 'integer' }],
    ['what is said of it', Joi.boolean().description('d').example(true), { type: 'boolean', description: 'd', examples: [true] }],
  ])('is %s', (_what, schema, expected) => {
    expect(said(schema)).toEqual(expected);
  });

  it.each<[string, (schema: Joi.ObjectSchema) => Joi.ObjectSchema, object]>([
    ['one of several members', (schema) => schema.or('a', 'b'), { anyOf: [{ required: ['a'] }, { required: ['b'] }] }],
    ['exactly one of several members', (schema) => schema.xor('a', 'b'), { oneOf: [{ required: ['a'] }, { required: ['b'] }] }],
    ['a member with another', (schema) => schema.with('a', 'b'), { dependentRequired: { a: ['b'] } }],
    ['members together', (schema) => schema.and('a', 'b'), { dependentRequired: { a: ['b'], b: ['a'] } }],
  ])('needs %s', (_what, need, expected) => {
    expect(said(need(Joi.object({ a: Joi.boolean(), b: Joi.boolean() })))).toMatchObject(expected);
  });

  it('is referred to where it has a name, also where it may be null', () => {
    const components: Components = new Map();
    const thing = named('Thing', shown({ a: Joi.boolean() }));
    expect(said(Joi.array().items(thing), components)).toEqual({ type: 'array', items: { $ref: '#/components/schemas/Thing' } });
    expect(said(orNull(thing), components)).toEqual({ anyOf: [{ $ref: '#/components/schemas/Thing' }, { type: 'null' }] });
    expect([...components]).toEqual([['Thing', { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'], additionalProperties: false }]]);
  });

  it.each<[string, Joi.Schema]>([
    ['a rule of its own', Joi.string().custom((value: string) => value)],
    ['a rule that nobody has said yet', Joi.number().port()],
    ['a condition', Joi.object({ a: Joi.string(), b: Joi.string().when('a', { is: 'x', then: Joi.required() }) })],
    ['a type that JSON has not', Joi.binary()],
    ['another value beside its type', Joi.string().allow(5)],
    ['members that exclude each other', Joi.object({ a: Joi.boolean(), b: Joi.boolean() }).nand('a', 'b')],
  ])('cannot be left unsaid where it has %s', (_what, schema) => {
    expect(() => said(schema)).toThrow();
  });
});
