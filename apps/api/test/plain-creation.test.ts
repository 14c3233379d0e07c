import fc from 'fast-check';
import { expect, it } from 'vitest';
import { validPart } from '../dist/http/validate.js';
import { plainCreation } from '../dist/routes/deployments/plain-creation.js';
import { createBody } from '../dist/routes/deployments/schema.js';

const PLAIN = {
  project: 'user-service',
  environment: 'production',
  version: '1.4.0',
  commitSha: '9f2c1e7',
  ref: 'feature/a b',
  requestedBy: 'alice@example.com',
  source: 'ci',
  externalId: 'run-812',
  retryOf: '01a1f9c1-1f18-73d2-9c31-723516cb0a45',
  description: 'two\nlines',
  links: [{ title: 'Build 812', url: 'https://ci.example.com:8443/812?a=b#c' }],
  metadata: { team: 'identity', tries: 2, late: false, owner: null, note: '' },
};

/** What stands at the borders of what joi takes, and beyond them. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null, '', ' ', ' a', 'a ', 'a\tb', 'a\nb', '\u00a0a', 'é', '\u0000', '\ud800', 'A'.repeat(200), 'a'.repeat(201), 'a'.repeat(255), 'a'.repeat(256),
    'a'.repeat(4000), 'a'.repeat(4001), 'ABCDEF1', 'abcdef', 'a'.repeat(64), 'a'.repeat(65), 'Bob@Example.com', 'a@b', 'a..b@example.com', '.a@b.de', 'a@-b.de',
    'a@b.c1', 'a@b.co', `${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}@example.com`, '01A1F9C1-1F18-73D2-9C31-723516CB0A45', 0, 1, true, [], {}, [null], { a: 1 },
    [{ title: 'a', url: 'http://x' }], [{ title: 'a' }], [{ title: 'a', url: 'ftp://x' }], [{ title: 'a', url: 'http://' }], [{ title: 'a', url: 'http://a b/' }],
    [{ title: 'a', url: 'http://a:99999/' }], [{ title: 'a', url: 'http://x', more: 1 }], [{ title: ' ', url: 'http://x' }], [{ title: 'a', url: `http://x/${'y'.repeat(1990)}` }],
    Array.from({ length: 20 }, () => ({ title: 'a', url: 'http://x' })), Array.from({ length: 21 }, () => ({ title: 'a', url: 'http://x' })),
    { a: 'x'.repeat(16_000) }, { a: '"'.repeat(7_900) }, { a: '"'.repeat(8_200) }, { a: '\\'.repeat(9_000) }, { a: { b: 1 } }, { a: [] }, { '': 1 }, { a: Infinity }, JSON.parse('{"__proto__":1}'),
    Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`name-${index}`, index / 3])), { a: 'x\u0000' }, { 'ä': 1 },
  ),
  fc.emailAddress(), fc.webUrl(), fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789abcdef') }),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 }), fc.jsonValue(),
);

const names = [...Object.keys(PLAIN), 'status', 'rollbackOf', 'toString', 'constructor'];
const bodies = fc.tuple(fc.subarray(names, { maxLength: 3 }), fc.array(odd, { minLength: 3, maxLength: 3 }), fc.subarray(Object.keys(PLAIN), { maxLength: 3 }))
  .map(([changed, values, left]) => {
    const body: Record<string, unknown> = { ...PLAIN };
    for (const name of left) delete body[name];
    for (const [index, name] of changed.entries()) body[name] = values[index];
    return body;
  });

it('makes of a body what joi makes of it, or leaves it to joi', () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: bodies }, { weight: 1, arbitrary: odd }), (body) => {
      const read = plainCreation(body);
      if (read === null) return;
      plain += 1;
      expect(read).toStrictEqual({ ...validPart(createBody, body, []) });
    }),
    { numRuns: 5_000 },
  );
  expect(plain).toBeGreaterThan(500);
});

it('takes what an ordinary pipeline sends', () => {
  expect(plainCreation(PLAIN)).toStrictEqual(PLAIN);
  expect(plainCreation({ project: 'a', environment: 'b', version: '1' })).not.toBeNull();
});
