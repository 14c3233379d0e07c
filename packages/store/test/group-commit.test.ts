import { OverloadedError, UnavailableError, createGroupCommit } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

const POISON = 13;

/** A database that refuses every batch with a poisonous item, and remembers what it wrote. */
function fakeWrite() {
  const batches: number[][] = [];
  const written: number[] = [];
  return {
    batches,
    written,
    write: async (batch: readonly number[]): Promise<readonly string[]> => {
      batches.push([...batch]);
      await Promise.resolve();
      if (batch.some((item) => item % POISON === 0)) throw new Error(`poison in ${batch.length}`);
      written.push(...batch);
      return batch.map(String);
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('the group-commit writer', () => {
  it('answers each caller with the result of its own item, whatever the others are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        async (items, writers, maxBatch) => {
          const fake = fakeWrite();
          const commit = createGroupCommit({ write: fake.write, writers, maxBatch, maxWaiting: 1_000 });
          const outcomes = await Promise.allSettled(items.map((item) => commit.write(item)));
          outcomes.forEach((outcome, index) => {
            const item = items[index] ?? 0;
            if (item % POISON === 0) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'poison in 1' } });
            else expect(outcome).toEqual({ status: 'fulfilled', value: String(item) });
          });
          // Each is written exactly once, and no batch is longer than it may be.
          expect([...fake.written].sort()).toEqual(items.filter((item) => item % POISON !== 0).sort());
          expect(Math.max(0, ...fake.batches.map((batch) => batch.length))).toBeLessThanOrEqual(maxBatch);
          expect(commit.waiting()).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('starts no batch for a few beside one in flight, unless that one is slow', async () => {
    const batches: number[][] = [];
    const gates: (() => void)[] = [];
    const write = (batch: readonly number[]): Promise<readonly number[]> => {
      batches.push([...batch]);
      return new Promise((resolve) => gates.push(() => resolve(batch)));
    };
    const commit = createGroupCommit({ write, writers: 2, maxBatch: 10, maxWaiting: 100, beside: 3 });
    const answers = [commit.write(1)];
    await waitFor(() => batches.length === 1);
    // Two turns of the loop, in which a batch would have been started.
    answers.push(commit.write(2), commit.write(3));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(batches).toEqual([[1]]);
    answers.push(commit.write(4));
    await waitFor(() => batches.length === 2);
    gates[1]?.();
    await Promise.all(answers.slice(1));
    // The first is still in flight: one alone waits a moment for others, and no longer.
    answers.push(commit.write(5));
    await waitFor(() => batches.length === 3);
    for (const open of gates) open();
    await Promise.all(answers);
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('divides what waits equally among free writers, but not into less than a share', async () => {
    const sizesOf = async (waiting: number): Promise<number[]> => {
      const sizes: number[] = [];
      const write = (batch: readonly number[]): Promise<readonly number[]> => {
        sizes.push(batch.length);
        return Promise.resolve(batch);
      };
      const commit = createGroupCommit({ write, writers: 3, maxBatch: 40, maxWaiting: 1_000, share: 20 });
      await Promise.all(Array.from({ length: waiting }, (_, item) => commit.write(item)));
      return sizes;
    };
    expect(await sizesOf(15)).toEqual([15]);
    expect(await sizesOf(50)).toEqual([20, 20, 10]);
    expect(await sizesOf(90)).toEqual([30, 30, 30]);
    expect((await sizesOf(200)).slice(0, 3)).toEqual([40, 40, 40]);
  });

  it('keeps less than a share for those that come next, while batches are in flight', async () => {
    // Nobody waits for too long.
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    };
    const sizes: number[] = [];
    const gates: (() => void)[] = [];
    const write = (batch: readonly number[]): Promise<readonly number[]> => {
      sizes.push(batch.length);
      return new Promise((resolve) => gates.push(() => resolve(batch)));
    };
    const commit = createGroupCommit({ write, writers: 3, beside: 24, share: 24, maxBatch: 128, maxWaiting: 1_000 });
    const answers = Array.from({ length: 64 }, (_, item) => commit.write(item));
    await turns();
    expect([sizes, commit.waiting()]).toEqual([[24, 24], 16]);
    answers.push(...Array.from({ length: 8 }, (_, item) => commit.write(100 + item)));
    await turns();
    expect([sizes, commit.waiting()]).toEqual([[24, 24, 24], 0]);
    for (const open of gates) open();
    await Promise.all(answers);
  });

  it('gathers what comes in while a batch is being written', async () => {
    const batches: number[][] = [];
    const gates: (() => void)[] = [];
    const write = (batch: readonly number[]): Promise<readonly number[]> => {
      batches.push([...batch]);
      return new Promise((resolve) => gates.push(() => resolve(batch)));
    };
    const commit = createGroupCommit({ write, writers: 1, maxBatch: 10, maxWaiting: 100 });
    const first = commit.write(1);
    await waitFor(() => gates.length === 1);
    const others = [2, 3, 4].map((item) => commit.write(item));
    expect(commit.waiting()).toBe(3);
    gates[0]?.();
    await first;
    await waitFor(() => gates.length === 2);
    gates[1]?.();
    expect(await Promise.all(others)).toEqual([2, 3, 4]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  it('refuses what goes beyond its bound, and takes more when there is room again', async () => {
    const commit = createGroupCommit({ write: (batch: readonly number[]) => Promise.resolve(batch), writers: 1, maxBatch: 10, maxWaiting: 3 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => commit.write(item)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[3]).toMatchObject({ reason: expect.any(OverloadedError) as unknown });
    expect(await commit.write(5)).toBe(5);
  });

  it('asks a database that only answers with time-outs no longer than patience lasts', async () => {
    let calls = 0;
    const write = async (): Promise<never> => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new UnavailableError('lock time-out', true, null);
    };
    const commit = createGroupCommit<number, number>({ write, writers: 1, maxBatch: 64, maxWaiting: 100, patienceMs: 50 });
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, (_, item) => commit.write(item)));
    expect(outcomes.every((one) => one.status === 'rejected' && one.reason instanceof UnavailableError)).toBe(true);
    // Halved to the end it would be 127.
    expect(calls).toBeLessThanOrEqual(4);
  });

  it('writes who is not concerned before it has found the one item that is locked', async () => {
    const written: number[] = [];
    const write = (batch: readonly number[]): Promise<readonly number[]> => {
      if (batch.includes(1)) return Promise.reject(new UnavailableError('lock time-out', true, null));
      written.push(...batch);
      return Promise.resolve(batch);
    };
    const commit = createGroupCommit({ write, writers: 1, maxBatch: 64, maxWaiting: 100 });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, item) => commit.write(item)));
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true, true, true, true]);
    expect(written.slice(0, 4)).toEqual([4, 5, 6, 7]);
  });

  it('sends away who has waited too long for a writer, and nobody else', async () => {
    const gates: (() => void)[] = [];
    const write = (batch: readonly number[]): Promise<readonly number[]> => new Promise((resolve) => gates.push(() => resolve(batch)));
    const commit = createGroupCommit({ write, writers: 1, maxBatch: 10, maxWaiting: 100, patienceMs: 50 });
    const first = commit.write(1);
    await waitFor(() => gates.length === 1);
    await expect(commit.write(2)).rejects.toBeInstanceOf(OverloadedError);
    const late = commit.write(3);
    gates[0]?.();
    expect(await first).toBe(1);
    await waitFor(() => gates.length === 2);
    gates[1]?.();
    expect(await late).toBe(3);
  });

  it('does not halve for a database that is away', async () => {
    let calls = 0;
    const write = (): Promise<never> => {
      calls += 1;
      return Promise.reject(new UnavailableError('away', false, null));
    };
    const commit = createGroupCommit<number, number>({ write, writers: 1, maxBatch: 10, maxWaiting: 100 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((item) => commit.write(item)));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(calls).toBe(1);
  });
});
