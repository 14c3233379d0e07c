import { describe, expect, it } from 'vitest';
import { heldWrongly, sentAgainWrongly } from './given-up.js';
import type { Step } from './stored.js';

type Kind = 'intent' | 'claim' | 'blind' | 'lost' | 'look' | 'unsent' | 'held';
const PHASES: Readonly<Record<Kind, readonly [string, string]>> = {
  intent: ['unsent', 'sending'],
  claim: ['sending', 'sending'],
  blind: ['sending', 'sending'],
  lost: ['sending', 'unknown'],
  look: ['unknown', 'unknown'],
  unsent: ['unknown', 'unsent'],
  held: ['unknown', 'held'],
};

/** One step a millisecond. */
const steps = (...kinds: readonly Kind[]): Step[] =>
  kinds.map((kind, index) => {
    const [before, after] = PHASES[kind];
    return { effect_id: 'e', before, after, intent: kind === 'intent' || kind === 'blind', at: new Date(index) };
  });

const ONE_SCHEDULE = ['intent', 'lost', 'look', 'look'] as const;
const HELD = steps(...ONE_SCHEDULE, 'unsent', ...ONE_SCHEDULE, 'held');
const LAST_LOOK = 8;

describe('what is held', () => {
  it('was rightly given up after two quiet schedules', () => {
    expect(heldWrongly(HELD, [])).toBeNull();
  });

  it('was rightly given up where the vendor applied a request after the last look', () => {
    expect(heldWrongly(HELD, [{ at: LAST_LOOK }])).toBeNull();
  });

  it('was wrongly given up where it stood when it was last looked for', () => {
    expect(heldWrongly(HELD, [{ at: LAST_LOOK - 1 }])).toMatch(/stood outside/);
  });

  it('was wrongly given up after one request, or after one look at the last one', () => {
    expect(heldWrongly(steps(...ONE_SCHEDULE, 'held'), [])).toBe('after 1 requests');
    expect(heldWrongly(steps(...ONE_SCHEDULE, 'unsent', 'intent', 'look', 'held'), [])).toMatch(/^after 1 looks/);
  });
});

describe('what stands twice', () => {
  const twice = steps(...ONE_SCHEDULE, 'unsent', 'intent');

  it('was rightly sent again where the first came to stand after the last look', () => {
    expect(sentAgainWrongly([{ at: 3 }, { at: 5 }], twice)).toBe(false);
  });

  it('was wrongly sent again where the first stood by then, or nobody looked', () => {
    expect(sentAgainWrongly([{ at: 1 }, { at: 5 }], twice)).toBe(true);
    expect(sentAgainWrongly([{ at: 0 }, { at: 1 }], steps('intent', 'intent'))).toBe(true);
    expect(sentAgainWrongly([{ at: 0 }, { at: 2 }], steps('intent', 'claim', 'blind'))).toBe(true);
  });

  it('is no question where it stands once', () => {
    expect(sentAgainWrongly([{ at: 0 }], [])).toBe(false);
  });
});
