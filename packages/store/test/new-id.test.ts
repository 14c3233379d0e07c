import { newId } from '@deptracker/store';
import { validate, version } from 'uuid';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.useRealTimers());

it('makes ids of version 7 that never repeat and grow', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
});

it('makes ids that carry the time of their making, and still grow where the clock is set back', () => {
  vi.useFakeTimers();
  vi.setSystemTime(new Date('2031-01-01T00:00:00.123Z'));
  const then = newId();
  expect(Number.parseInt(then.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse('2031-01-01T00:00:00.123Z'));
  vi.setSystemTime(new Date('2030-01-01T00:00:00Z'));
  expect(newId() > then).toBe(true);
});

it('draws the random part anew for each id', () => {
  const tails = Array.from({ length: 1_000 }, () => newId().slice(-10));
  expect(new Set(tails).size).toBe(tails.length);
});
