import fc from 'fast-check';
import { type Documented, type Parameter, type Schema, type Sent, resolved } from './contract.js';

type Made = fc.Arbitrary<unknown>;

const FORMATS: Readonly<Record<string, Made>> = {
  email: fc.emailAddress(),
  uuid: fc.uuid(),
  uri: fc.webUrl(),
  'date-time': fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
};

const types = (schema: Schema): string[] => [schema['type'] ?? []].flat() as string[];

/** Without halves of surrogate pairs, which no request can carry outside of JSON. */
const wellFormed = (value: string): string => value.replaceAll(/[\p{Surrogate}\0]/gu, '?');

/** Making one from a class of Unicode takes seconds. */
const matching = new Map<string, Made>();

function patterned(pattern: string): Made {
  const made = matching.get(pattern) ?? fc.stringMatching(new RegExp(pattern, 'u'));
  matching.set(pattern, made);
  return made;
}

function texts(schema: Schema): Made {
  const { minLength = 0, maxLength = 300, pattern, format } = schema as { minLength?: number; maxLength?: number; pattern?: string; format?: string };
  const fits = (value: unknown): boolean => String(value).length >= minLength && String(value).length <= maxLength;
  const made = FORMATS[format ?? ''];
  if (made !== undefined) return made.filter(fits);
  const text = fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 300) }).map(wellFormed);
  return (pattern === undefined ? text : patterned(pattern)).filter(fits);
}

function objects(schema: Schema): Made {
  const { properties = {}, required = [], anyOf = [{}] } = schema as { properties?: Record<string, Schema>; required?: string[]; anyOf?: { required?: string[] }[] };
  if (schema['properties'] === undefined) return fc.dictionary(fc.string({ maxLength: 10 }).filter((name) => name !== '__proto__' && !name.includes('\0')), fc.oneof(fc.boolean(), fc.integer(), fc.constant(null)), { maxKeys: 5 });
  const members = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, good(one)]));
  return fc.oneof(...anyOf.map((alternative) => fc.record(members, { requiredKeys: [...required, ...(alternative.required ?? [])] })));
}

function ofType(type: string, schema: Schema): Made {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Number(schema['minimum'] ?? 0), max: Number(schema['maximum'] ?? 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: Number(schema['minimum'] ?? 0), max: Number(schema['maximum'] ?? 1e9), noNaN: true });
    case 'array':
      return fc.array(good((schema['items'] ?? {}) as Schema), { minLength: Number(schema['minItems'] ?? 0), maxLength: Math.min(Number(schema['maxItems'] ?? 5), 5) });
    case 'object':
      return objects(schema);
    default:
      return texts(schema);
  }
}

/** Any value whose texts can be stored. */
const STORABLE: Made = fc.jsonValue().filter((value) => !/\\u0000|\\ud[89a-f]|__proto__/i.test(JSON.stringify(value)));

/** Values that a schema of the document allows. */
export function good(reference: Schema): Made {
  const schema = resolved(reference);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const choices = (schema['oneOf'] ?? (schema['type'] === undefined ? schema['anyOf'] : undefined)) as Schema[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map(good));
  return schema['type'] === undefined ? STORABLE : fc.oneof(...types(schema).map((type) => ofType(type, schema)));
}

const odd: Made = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\0', '\ud800', '%', '../..', "'; DROP TABLE deployments; --", 'x'.repeat(5000), -1, 1e308, 2 ** 53, null, [], {}, '__proto__', 'constructor'),
);

/** A value with one member taken away, added or made odd. */
function spoiled(value: Made): Made {
  return fc.tuple(value, fc.string({ maxLength: 12 }), odd, fc.nat()).map(([whole, name, wrong, which]) => {
    if (typeof whole !== 'object' || whole === null) return wrong;
    const names = Object.keys(whole);
    const victim = names[which % (names.length + 1)] ?? name;
    return which % 3 === 0 ? Object.fromEntries(Object.entries(whole).filter(([one]) => one !== victim)) : { ...whole, [victim]: wrong };
  });
}

const text = (value: unknown): string => wellFormed(typeof value === 'string' ? value : JSON.stringify(value));
/** What a client can put into a header. */
const headerText = (value: unknown): string => text(value).replaceAll(/[^\x20-\x7e]/g, '').trim();

/** With these for a part of it, an address is another one. */
const ELSEWHERE = /^\.{0,2}$/;

const isForm = (operation: Documented): boolean => 'application/x-www-form-urlencoded' in (operation.requestBody?.content ?? {});

function bodies(operation: Documented, bad: boolean): Made {
  const [content] = Object.values(operation.requestBody?.content ?? {});
  if (content === undefined) return fc.constant(undefined);
  const fitting = good(content.schema);
  if (!bad) return fitting;
  const wrong = fc.oneof(spoiled(fc.constant(content.example)), spoiled(fitting), odd, fc.constant(undefined));
  return isForm(operation) ? wrong.map((body) => (body === null || typeof body !== 'object' ? undefined : Object.fromEntries(Object.entries(body).map(([name, value]) => [name, text(value)])))) : wrong;
}

/** The parameters of one place: those that are needed, and some of the others. */
function parameters(operation: Documented, place: Parameter['in'], value: (schema: Schema) => Made): fc.Arbitrary<[string, string][]> {
  const here = (operation.parameters ?? []).filter((one) => one.in === place);
  const members = Object.fromEntries(here.map(({ name, schema }) => [name, value(schema)]));
  return fc
    .record(members, { requiredKeys: here.filter(({ required }) => required).map(({ name }) => name) })
    .map((record) => Object.entries(record).map(([name, one]): [string, string] => [name, text(one)]));
}

/** Requests to an operation: as the document allows them, or with something wrong somewhere. */
export function requests(operation: Documented, { bad }: { readonly bad: boolean }): fc.Arbitrary<Sent> {
  const value = (schema: Schema): Made => (bad ? fc.oneof(good(schema), odd) : good(schema));
  const more = bad ? fc.array(fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })).map(([a, b]): [string, string] => [wellFormed(a), wellFormed(b)]), { maxLength: 1 }) : fc.constant([]);
  return fc
    .record({ path: parameters(operation, 'path', value), query: parameters(operation, 'query', value), extra: more, header: parameters(operation, 'header', value), body: bodies(operation, bad) })
    .map(({ path, query, extra, header, body }) => ({
      params: Object.fromEntries(path.map(([name, one]) => [name, ELSEWHERE.test(one) ? 'x' : one])),
      query: [...query, ...extra],
      headers: Object.fromEntries(header.map(([name, one]) => [name.toLowerCase(), headerText(one)])),
      ...(body === undefined ? {} : { body }),
    }));
}
