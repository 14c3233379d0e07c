import { type ChannelMapping, bySpecificity, explainChannel, mappedChannel } from '@deptracker/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

let ids = 0;
/** `project → environment`, to a channel of its own. */
function mapping(pair: string): ChannelMapping {
  const [project = '', environment = ''] = pair.split(' → ');
  ids += 1;
  return { id: `mapping-${ids}`, project, environment, channelId: `C${ids}` };
}

const pairOf = ({ project, environment }: ChannelMapping): string => `${project} → ${environment}`;
const sorted = (pairs: readonly string[]): string[] => pairs.map(mapping).sort(bySpecificity).map(pairOf);

function explained(mappings: readonly ChannelMapping[], project: string, environment: string, projectDefault: string | null = null) {
  return explainChannel({ project, environment, mappings: [...mappings].sort(bySpecificity), projectDefault, fallback: 'CFALLBACK' });
}

describe('channel mappings', () => {
  it('are ordered by project before environment, exact names before patterns, longer beginnings before shorter ones', () => {
    const order = [
      'payments-api → production', 'payments-api → prod*', 'payments-api → *',
      'payments-a* → production', 'payments-* → production', 'payments-* → prod*', 'payments-* → *',
      'pay*-api → production', 'pay* → production',
      '*-api → production', '*api → production', '* → production', '* → prod*', '* → *',
    ];
    for (let turn = 0; turn < order.length; turn += 1) {
      expect(sorted([...order.slice(turn), ...order.slice(0, turn)])).toEqual(order);
      expect(sorted(order.toReversed())).toEqual(order);
    }
  });

  it('say of each that lost why', () => {
    const mappings = ['pay* → *', 'payments-* → *', 'payments-api → *', 'payments-api → production', 'payments-*i → *', 'search → *'].map(mapping);
    const candidates = explained(mappings, 'payments-api', 'production', 'CPROJECT');
    expect(candidates.map(({ rule, mapping: one, reason }) => [one === null ? rule : pairOf(one), reason])).toEqual([
      ['payments-api → production', 'the most specific of 5 mappings that fit'],
      ['payments-api → *', 'the chosen one names the environment exactly'],
      ['payments-*i → *', 'the chosen one names the project exactly'],
      ['payments-* → *', 'the chosen one names the project exactly'],
      ['pay* → *', 'the chosen one names the project exactly'],
      ['project', 'a mapping fits, and mappings come first'],
      ['configuration', 'a mapping fits, and mappings come first'],
    ]);
  });

  it('give way to the project, and the project to the configuration', () => {
    expect(explained([], 'a', 'b', 'CPROJECT').map(({ channelId, reason }) => [channelId, reason])).toEqual([
      ['CPROJECT', "no mapping fits, and this is the project's default channel"],
      ['CFALLBACK', 'the project has a default channel'],
    ]);
    expect(explained([mapping('x → *')], 'a', 'b').map(({ channelId, reason }) => [channelId, reason])).toEqual([
      ['CFALLBACK', 'no mapping fits and the project has no default channel'],
    ]);
  });
});

describe('a pattern that nearly fits everywhere', () => {
  it.each([
    ['without an end', (n: number) => `*${'a'.repeat(94)}b${n}*`],
    ['with many stars', (n: number) => `*${'a*'.repeat(49)}${'a'.repeat(94)}b${n}*`],
    ['that fails at its beginning', (n: number) => `*${n}b${'a'.repeat(94)}*`],
  ])('%s fits nowhere', (_what, make) => {
    const mappings = Array.from({ length: 1_000 }, (_, n) => mapping(`${make(n)} → *`));
    expect(mappedChannel(mappings, { project: 'a'.repeat(200), environment: 'production' })).toBeNull();
  });
});

// Few letters, so that patterns often fit and often resemble each other.
const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '🚀'), maxLength: 6 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '*', '🚀'), maxLength: 6 });
const anyMappings = fc
  .uniqueArray(fc.tuple(pattern, pattern), { maxLength: 12, selector: (pair) => JSON.stringify(pair) })
  .map((pairs) => pairs.map(([project, environment], index): ChannelMapping => ({ id: `${index}`, project, environment, channelId: `C${index}` })));

/** What `*` means, in other words. */
const asRegExp = (one: string): RegExp => new RegExp(`^${one.replaceAll(/[.\\-]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
const fits = ({ project, environment }: ChannelMapping, [p, e]: readonly [string, string]): boolean => asRegExp(project).test(p) && asRegExp(environment).test(e);

describe('any mappings', () => {
  it('fit as their patterns say, and the choice is the first candidate of the explanation', () => {
    fc.assert(
      fc.property(anyMappings, fc.tuple(name, name), fc.option(fc.constant('CPROJECT')), (mappings, pair, projectDefault) => {
        const [project, environment] = pair;
        const candidates = explained(mappings, project, environment, projectDefault);
        const ofMappings = candidates.filter(({ rule }) => rule === 'mapping').map((one) => one.mapping?.id);
        expect(new Set(ofMappings)).toEqual(new Set(mappings.filter((one) => fits(one, pair)).map(({ id }) => id)));
        const chosen = mappedChannel([...mappings].sort(bySpecificity), { project, environment }) ?? projectDefault ?? 'CFALLBACK';
        expect(candidates[0].channelId).toBe(chosen);
        expect(candidates.at(-1)?.rule).toBe('configuration');
      }),
      { numRuns: 2_000 },
    );
  });

  it('have one order, whichever they came in', () => {
    fc.assert(
      fc.property(anyMappings.chain((mappings) => fc.tuple(fc.constant(mappings), fc.shuffledSubarray(mappings, { minLength: mappings.length }))), ([mappings, shuffled]) => {
        expect([...shuffled].sort(bySpecificity)).toEqual([...mappings].sort(bySpecificity));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are compared without contradiction', () => {
    fc.assert(
      fc.property(fc.tuple(pattern, pattern), fc.tuple(pattern, pattern), fc.tuple(pattern, pattern), (...pairs) => {
        const [a, b, c] = pairs.map(([project, environment]) => ({ project, environment })) as [ChannelMapping, ChannelMapping, ChannelMapping];
        expect(Math.sign(bySpecificity(a, b))).toBe(0 - Math.sign(bySpecificity(b, a)));
        expect(bySpecificity(a, b) === 0).toBe(a.project === b.project && a.environment === b.environment);
        if (bySpecificity(a, b) < 0 && bySpecificity(b, c) < 0) expect(bySpecificity(a, c)).toBeLessThan(0);
      }),
      { numRuns: 5_000 },
    );
  });

  it('are looked through quickly, however many stars they have', () => {
    const nasty = Array.from({ length: 1_000 }, (_, index) => ({ id: `${index}`, project: `${'*a'.repeat(99)}*b`, environment: `${index}`, channelId: 'C' }));
    const began = performance.now();
    expect(mappedChannel(nasty, { project: 'a'.repeat(200), environment: 'x' })).toBeNull();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
