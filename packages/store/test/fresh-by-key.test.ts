import { type ChangeListener, createFreshByKey } from '@deptracker/store';
import { describe, expect, it } from 'vitest';

/** Counts the readings of each key; each gives what the table has at its end. */
function source() {
  const table = new Map<string, string>();
  const readings: string[] = [];
  return {
    table,
    readings,
    read: (key: string) => async () => {
      readings.push(key);
      await Promise.resolve();
      return table.get(key) ?? null;
    },
  };
}

function feed() {
  const listeners: ChangeListener[] = [];
  return { listeners, subscribe: (listener: ChangeListener) => (listeners.push(listener), () => undefined) };
}

const OPTIONS = { maxAgeMs: 60_000, maxKeys: 3, kind: 'project' } as const;

describe('rows that are kept by key', () => {
  it('are read once for all who ask while they are good', async () => {
    const { table, readings, read } = source();
    table.set('a', 'A');
    const fresh = createFreshByKey<string>(OPTIONS);
    expect(await Promise.all([fresh.get('a', read('a')), fresh.get('a', read('a'))])).toEqual(['A', 'A']);
    expect(await fresh.get('a', read('a'))).toBe('A');
    expect(readings).toEqual(['a']);
  });

  it('are read anew once they are too old', async () => {
    const { table, readings, read } = source();
    table.set('a', 'A');
    const fresh = createFreshByKey<string>({ ...OPTIONS, maxAgeMs: 0 });
    for (let round = 0; round < 2; round += 1) await fresh.get('a', read('a'));
    expect(readings).toHaveLength(2);
  });

  it('are not kept where there is nothing, or reading fails', async () => {
    const { table, read } = source();
    const fresh = createFreshByKey<string>(OPTIONS);
    expect(await fresh.get('a', read('a'))).toBeNull();
    table.set('a', 'A');
    expect(await fresh.get('a', read('a'))).toBe('A');
    await expect(fresh.get('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    table.set('b', 'B');
    expect(await fresh.get('b', read('b'))).toBe('B');
  });

  it('are not kept where they are not to be', async () => {
    const { table, readings, read } = source();
    const fresh = createFreshByKey<string>({ ...OPTIONS, keeps: (row) => row !== 'archived' });
    for (const row of ['archived', 'open', 'other']) {
      table.set('a', row);
      await fresh.get('a', read('a'));
    }
    expect(await fresh.get('a', read('a'))).toBe('open');
    expect(readings).toHaveLength(2);
  });

  it('are at most so many: whichever was asked for longest ago goes', async () => {
    const { table, readings, read } = source();
    for (const key of 'abcd') table.set(key, key);
    const fresh = createFreshByKey<string>(OPTIONS);
    for (const key of 'abcad') await fresh.get(key, read(key));
    expect(fresh.size).toBe(3);
    for (const key of 'acd') await fresh.get(key, read(key));
    expect(readings.join('')).toBe('abcd');
    await fresh.get('b', read('b'));
    expect(readings.join('')).toBe('abcdb');
  });

  it('are read anew after a notice of theirs, of no other, and all after notices may have been missed', async () => {
    const { table, readings, read } = source();
    for (const key of 'ab') table.set(key, key);
    const { listeners, ...changes } = feed();
    const fresh = createFreshByKey<string>({ ...OPTIONS, changes });
    const both = async (): Promise<void> => {
      for (const key of 'ab') await fresh.get(key, read(key));
    };
    await both();
    for (const one of listeners) one.changed({ kind: 'project', id: 'a', revision: 2 });
    for (const one of listeners) one.changed({ kind: 'environment', id: 'b', revision: 2 });
    await both();
    expect(readings.join('')).toBe('aba');
    for (const one of listeners) one.missed();
    await both();
    expect(readings.join('')).toBe('abaab');
  });

  it('are not kept when they change while they are read', async () => {
    const { table, readings, read } = source();
    table.set('a', 'old');
    const fresh = createFreshByKey<string>(OPTIONS);
    let end = (_value: string): void => undefined;
    const slow = fresh.get('a', () => new Promise<string>((resolve) => (end = resolve)));
    fresh.forget('a');
    table.set('a', 'new');
    expect(await fresh.get('a', read('a'))).toBe('new');
    end('old');
    expect(await slow).toBe('old');
    expect(await fresh.get('a', read('a'))).toBe('new');
    expect(readings).toHaveLength(1);
  });
});
