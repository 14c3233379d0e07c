import { describe, expect, it } from 'vitest';
import { windowFor } from '@deptracker/reconcile';

describe('the window of a queue', () => {
  it('is what the limit lets through meanwhile', () => {
    expect(windowFor(600, 30_000, 8)).toBe(300);
  });

  it('keeps all workers busy where the limit is low', () => {
    expect(windowFor(60, 1_000, 8)).toBe(16);
  });

  it('is bounded where there is hardly a limit, so that neither Redis nor a worker holds a whole backlog', () => {
    expect(windowFor(6_000_000, 30_000, 64)).toBe(2_000);
  });
});
