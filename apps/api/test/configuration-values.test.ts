import { CONFIGURATIONS, CONFIGURATION_KEYS, EVENT_TYPES, wrongDefaults } from '@deptracker/domain';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const ajv = new Ajv2020();
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom('create', 'refuse', 'C0DEPLOYS', '#deploys', '', 0, 1, 20, 21, 0.5, -1, 86_400, 315_360_001, null),
  fc.array(fc.constantFrom(...EVENT_TYPES, 'deployment.nothing'), { maxLength: 3 }),
);

describe.each(CONFIGURATION_KEYS)('the schema of %s', (key) => {
  it('says exactly what is taken', () => {
    const { kind } = CONFIGURATIONS[key];
    const validate = ajv.compile(kind.schema);
    fc.assert(
      fc.property(anyValue, (value) => {
        expect([value, kind.fits(value)]).toEqual([value, validate(value)]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a default that could not be set', () => {
  it('is told of with the variable that it comes from', () => {
    expect(wrongDefaults({ 'slack.digest-window': 1e9, 'approvals.required': 3 })).toEqual([
      'SLACK_DIGEST_WINDOW must be a number of seconds from 0 to 1728000.',
    ]);
  });
});
