import { type ChangeListener, createFresh } from '@deptracker/store';
import { describe, expect, it } from 'vitest';

/** Counts its readings; each ends when it is told to. */
function source() {
  const open: ((value: number) => void)[] = [];
  let count = 0;
  return {
    readings: () => count,
    read: () => {
      count += 1;
      return new Promise<number>((resolve) => open.push(resolve));
    },
    end: (value: number) => open.shift()?.(value),
  };
}

function feed() {
  const listeners: ChangeListener[] = [];
  return { listeners, subscribe: (listener: ChangeListener) => (listeners.push(listener), () => undefined) };
}

const notice = (kind: 'project' | 'template') => ({ kind, id: 'a', revision: 1 });

describe('a fresh value', () => {
  it('is read once for all who ask while it is good', async () => {
    const { read, readings, end } = source();
    const fresh = createFresh({ read, maxAgeMs: 60_000 });
    const asked = [fresh.get(), fresh.get()];
    end(1);
    expect(await Promise.all([...asked, fresh.get()])).toEqual([1, 1, 1]);
    expect(readings()).toBe(1);
  });

  it('is read anew once it is too old', async () => {
    const { read, readings, end } = source();
    const fresh = createFresh({ read, maxAgeMs: 0 });
    for (const value of [1, 2]) {
      const asked = fresh.get();
      end(value);
      expect(await asked).toBe(value);
    }
    expect(readings()).toBe(2);
  });

  it('is read anew after a notice of its kind, after missed notices and when it is to be forgotten', async () => {
    const changes = feed();
    let value = 0;
    const fresh = createFresh({ read: () => Promise.resolve((value += 1)), maxAgeMs: 60_000, changes, kinds: ['project'] });
    expect(await fresh.get()).toBe(1);
    changes.listeners[0]?.changed(notice('template'));
    expect(await fresh.get()).toBe(1);
    changes.listeners[0]?.changed(notice('project'));
    expect(await fresh.get()).toBe(2);
    changes.listeners[0]?.missed();
    expect(await fresh.get()).toBe(3);
    fresh.forget();
    expect(await fresh.get()).toBe(4);
  });

  it('does not keep what was being read when the change was told', async () => {
    const changes = feed();
    const { read, end } = source();
    const fresh = createFresh({ read, maxAgeMs: 60_000, changes, kinds: ['project'] });
    const before = fresh.get();
    changes.listeners[0]?.changed(notice('project'));
    const after = fresh.get();
    end(1);
    end(2);
    expect(await Promise.all([before, after, fresh.get()])).toEqual([1, 2, 2]);
  });

  it('does not keep a failure', async () => {
    let fails = true;
    const fresh = createFresh({ read: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(1)), maxAgeMs: 60_000 });
    await expect(fresh.get()).rejects.toThrow('away');
    fails = false;
    expect(await fresh.get()).toBe(1);
  });
});
