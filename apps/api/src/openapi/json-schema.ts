import type Joi from 'joi';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas with a name of their own, by name. */
export type Components = Map<string, JsonSchema>;

/** What joi tells of a schema (https://joi.dev/api/#anydescribe), as far as it is said in JSON Schema here. */
interface Described {
  readonly type: string;
  readonly flags?: { readonly only?: boolean; readonly presence?: string; readonly default?: unknown; readonly description?: string; readonly unknown?: boolean; readonly match?: string };
  readonly rules?: readonly { readonly name: string; readonly args?: Readonly<Record<string, unknown>> }[];
  readonly allow?: readonly unknown[];
  readonly keys?: Readonly<Record<string, Described>>;
  readonly items?: readonly Described[];
  readonly patterns?: readonly { readonly regex?: string; readonly rule: Described }[];
  readonly matches?: readonly { readonly schema?: Described }[];
  readonly dependencies?: readonly { readonly rel: string; readonly key?: string; readonly peers: readonly string[] }[];
  readonly whens?: unknown;
  readonly preferences?: { readonly presence?: string };
  readonly examples?: readonly unknown[];
  readonly metas?: readonly { readonly component?: string; readonly openapi?: JsonSchema }[];
}

interface Context {
  readonly components: Components;
  /** Whether members are required that do not say so themselves. */
  readonly required: boolean;
}

const source = (regex: unknown): string => String(regex).replace(/^\/(.*)\/[a-z]*$/s, '$1');

type Rule = (args: Readonly<Record<string, unknown>>) => JsonSchema;

const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  string: {
    min: ({ limit }) => ({ minLength: limit }),
    max: ({ limit }) => ({ maxLength: limit }),
    length: ({ limit }) => ({ minLength: limit, maxLength: limit }),
    pattern: ({ regex }) => ({ pattern: source(regex) }),
    isoDate: () => ({ format: 'date-time' }),
    guid: () => ({ format: 'uuid' }),
    email: () => ({ format: 'email' }),
    uri: () => ({ format: 'uri' }),
  },
  number: {
    integer: () => ({ type: 'integer' }),
    min: ({ limit }) => ({ minimum: limit }),
    max: ({ limit }) => ({ maximum: limit }),
  },
  array: {
    min: ({ limit }) => ({ minItems: limit }),
    max: ({ limit }) => ({ maxItems: limit }),
    length: ({ limit }) => ({ minItems: limit, maxItems: limit }),
    unique: () => ({ uniqueItems: true }),
  },
  object: {
    min: ({ limit }) => ({ minProperties: limit }),
    max: ({ limit }) => ({ maxProperties: limit }),
  },
  boolean: {},
  any: {},
  alternatives: {},
};

function ruled({ type, rules = [] }: Described, hinted: boolean): JsonSchema {
  const said: JsonSchema[] = [];
  for (const { name, args = {} } of rules) {
    const rule = RULES[type]?.[name];
    if (rule !== undefined) said.push(rule(args));
    else if (!hinted) throw new Error(`JSON Schema does not say the rule ${type}.${name}; give .meta({ openapi: … })`);
  }
  return Object.assign({}, ...said) as JsonSchema;
}

/** One of these members is needed, or these together. */
function dependency({ rel, key, peers }: NonNullable<Described['dependencies']>[number]): JsonSchema {
  const each = peers.map((peer) => ({ required: [peer] }));
  if (rel === 'or') return { anyOf: each };
  if (rel === 'xor') return { oneOf: each };
  if (rel === 'with' && key !== undefined) return { dependentRequired: { [key]: peers } };
  if (rel === 'and') return { dependentRequired: Object.fromEntries(peers.map((one) => [one, peers.filter((peer) => peer !== one)])) };
  throw new Error(`JSON Schema does not say the dependency ${rel}; give .meta({ openapi: … })`);
}

function objectOf(described: Described, context: Context): JsonSchema {
  const { keys = {}, patterns = [], flags, preferences, dependencies = [] } = described;
  const inner = { ...context, required: preferences?.presence === undefined ? context.required : preferences.presence === 'required' };
  const required = Object.keys(keys).filter((key) => (keys[key]?.flags?.presence ?? (inner.required ? 'required' : '')) === 'required');
  const [rest] = patterns.filter(({ regex }) => regex === undefined);
  const named = patterns.filter(({ regex }) => regex !== undefined).map(({ regex, rule }) => [source(regex), convert(rule, inner)]);
  const open = flags?.unknown === true || (described.keys === undefined && patterns.length === 0);
  return {
    ...(described.keys === undefined ? {} : { properties: Object.fromEntries(Object.entries(keys).map(([key, one]) => [key, convert(one, inner)])) }),
    ...(required.length === 0 ? {} : { required }),
    ...(named.length === 0 ? {} : { patternProperties: Object.fromEntries(named) as JsonSchema }),
    additionalProperties: rest === undefined ? open : convert(rest.rule, inner),
    ...(Object.assign({}, ...dependencies.map(dependency)) as JsonSchema),
  };
}

function shapeOf(described: Described, context: Context): JsonSchema {
  const { type, items = [], matches = [], allow = [], flags } = described;
  switch (type) {
    case 'any':
      return {};
    case 'alternatives':
      return { [flags?.match === 'one' ? 'oneOf' : 'anyOf']: matches.flatMap(({ schema }) => (schema === undefined ? [] : [convert(schema, context)])) };
    case 'array': {
      const [first, ...more] = items.map((item) => convert(item, context));
      return { type, ...(first === undefined ? {} : { items: more.length === 0 ? first : { anyOf: [first, ...more] } }) };
    }
    case 'object':
      return { type, ...objectOf(described, context) };
    case 'string':
      // joi refuses the empty text where it is not allowed.
      return { type, ...(flags?.only === true || allow.includes('') ? {} : { minLength: 1 }) };
    case 'number':
    case 'boolean':
      return { type };
    default:
      throw new Error(`JSON Schema has no ${type}; give .meta({ openapi: { type: … } })`);
  }
}

function nullable(schema: JsonSchema): JsonSchema {
  if (schema['enum'] !== undefined) return { ...schema, type: [schema['type'], 'null'], enum: [...(schema['enum'] as unknown[]), null] };
  return typeof schema['type'] === 'string' ? { ...schema, type: [schema['type'], 'null'] } : { anyOf: [schema, { type: 'null' }] };
}

function plain(described: Described, context: Context): JsonSchema {
  const { flags, allow = [], metas = [] } = described;
  const hint = Object.assign({}, ...metas.map(({ openapi }) => openapi)) as JsonSchema;
  // A hint that says the type says everything.
  if (hint['type'] !== undefined) return hint;
  if (described.whens !== undefined) throw new Error('JSON Schema does not say when(); give .meta({ openapi: { type: … } })');
  const values = allow.filter((value) => value !== null);
  if (flags?.only !== true && values.some((value) => value !== '')) throw new Error('allow() is said for the empty text and null only');
  if (flags?.only === true) return { ...shapeOf(described, context), enum: values };
  return { ...shapeOf(described, context), ...ruled(described, metas.some(({ openapi }) => openapi !== undefined)), ...hint };
}

function convert(described: Described, context: Context): JsonSchema {
  const { flags, allow = [], metas = [], examples = [] } = described;
  const name = metas.find(({ component }) => component !== undefined)?.component;
  let schema = name === undefined ? plain(described, context) : { $ref: `#/components/schemas/${name}` };
  if (name !== undefined && !context.components.has(name)) {
    context.components.set(name, {});
    context.components.set(name, plain(described, { ...context, required: false }));
  }
  if (allow.includes(null)) schema = nullable(schema);
  return {
    ...schema,
    ...(flags?.description === undefined ? {} : { description: flags.description }),
    ...(flags?.default === undefined ? {} : { default: flags.default }),
    ...(examples.length === 0 ? {} : { examples }),
  };
}

/**
 * A joi schema as JSON Schema 2020-12. Members of objects with a `component` in their meta become references to
 * `components`. What a rule of joi's says that cannot be told from outside (`custom`) must be hinted with
 * `.meta({ openapi })`, else this throws: nothing that is checked may be missing from the document.
 */
export function toJsonSchema(schema: Joi.Schema, components: Components): JsonSchema {
  return convert(schema.describe() as unknown as Described, { components, required: false });
}
