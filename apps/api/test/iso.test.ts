import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { iso } from '../src/http/iso.js';

describe('a moment as text', () => {
  it('is what Date makes of it, in whatever order moments come back', () => {
    const moments = fc.array(fc.constantFrom(0, 1, 2, 1_796_000_000_000, -1), { maxLength: 40 });
    fc.assert(fc.property(moments, (all) => {
      for (const at of all) expect(iso(new Date(at))).toBe(new Date(at).toISOString());
    }));
    expect(iso(null)).toBeNull();
  });

  it('is none of what is no moment', () => {
    expect(() => iso(new Date(Number.NaN))).toThrow(RangeError);
  });
});
