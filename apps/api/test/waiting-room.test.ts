import type { ChangeListener, Seen } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';
import { createWaitingRoom } from '../dist/routes/gate/waiting-room.js';

const FOREVER = 60_000;
const POLL_MS = 20;

const state = (status: 'pending' | 'approved', revision: number): Seen =>
  ({
    deployment: { id: 'd', revision, status, approval: { status, required: 1, expiresAt: null, decisions: [] } },
    now: new Date(),
  }) as unknown as Seen;

/** A room over reads that the test answers itself, with notices that the test gives. */
function openRoom({ maxWaiting = 10, pollMs = FOREVER }: { maxWaiting?: number; pollMs?: number } = {}) {
  const reads: { ids: readonly string[]; answer: (seen: Seen | null) => void; fail: (error: Error) => void }[] = [];
  let listener: ChangeListener | null = null;
  const room = createWaitingRoom({
    read: (ids) =>
      new Promise((resolve, reject) => {
        const answer = (seen: Seen | null): void => resolve(new Map(seen === null ? [] : ids.map((id) => [id, seen])));
        reads.push({ ids, answer, fail: reject });
      }),
    changes: {
      subscribe: (one) => {
        listener = one;
        return () => undefined;
      },
    },
    maxWaiting,
    pollMs,
  });
  const look = (waitMs = FOREVER, signal = new AbortController().signal): Promise<Seen | null> => room.look('d', waitMs, signal);
  return { room, reads, look, tell: () => listener?.changed({ kind: 'deployment', id: 'd', revision: 9 }), miss: () => listener?.missed() };
}

const nextRead = async (reads: { answer: (seen: Seen | null) => void }[], count: number) => {
  await waitFor(() => reads.length >= count, { intervalMs: 1 });
  expect(reads).toHaveLength(count);
  const read = reads[count - 1];
  if (read === undefined) throw new Error('there is no such read');
  return read;
};

describe('the waiting room', () => {
  it('never answers with what was read before the question came', async () => {
    const { reads, look } = openRoom();
    const first = look(0);
    const early = await nextRead(reads, 1);
    const second = look(0);
    early.answer(state('pending', 1));
    expect((await first)?.deployment.revision).toBe(1);
    (await nextRead(reads, 2)).answer(state('approved', 2));
    expect((await second)?.deployment.revision).toBe(2);
  });

  it('reads once for all who ask for the same', async () => {
    const { reads, look, room } = openRoom({ maxWaiting: 100 });
    const all = Array.from({ length: 50 }, () => look());
    (await nextRead(reads, 1)).answer(state('pending', 1));
    (await nextRead(reads, 2)).answer(state('pending', 1));
    await waitFor(() => room.waiting() === 50);
    room.drain();
    expect(new Set((await Promise.all(all)).map((seen) => seen?.deployment.status))).toEqual(new Set(['pending']));
    expect(room.waiting()).toBe(0);
  });

  it('looks anew when it is told of a change, also of one that comes during a read', async () => {
    const { reads, look, tell } = openRoom();
    const answer = look();
    const first = await nextRead(reads, 1);
    tell();
    first.answer(state('pending', 1));
    (await nextRead(reads, 2)).answer(state('approved', 2));
    expect((await answer)?.deployment.status).toBe('approved');
  });

  it('looks anew when it may have missed something, and by itself', async () => {
    for (const pollMs of [FOREVER, POLL_MS]) {
      const { reads, look, miss, room } = openRoom({ pollMs });
      const answer = look();
      (await nextRead(reads, 1)).answer(state('pending', 1));
      await waitFor(() => room.waiting() === 1);
      if (pollMs === FOREVER) miss();
      (await nextRead(reads, 2)).answer(state('approved', 2));
      expect((await answer)?.deployment.status).toBe('approved');
    }
  });

  it('tells who has seen nothing that it cannot be read, and lets the others go on waiting', async () => {
    const { reads, look, tell, room } = openRoom();
    const patient = look();
    (await nextRead(reads, 1)).answer(state('pending', 1));
    await waitFor(() => room.waiting() === 1);
    const unlucky = look();
    const failing = reads[1] ?? (await nextRead(reads, 2), reads[1]);
    failing?.fail(new Error('away'));
    await expect(unlucky).rejects.toThrow('away');
    tell();
    (await nextRead(reads, 3)).answer(state('approved', 2));
    expect((await patient)?.deployment.status).toBe('approved');
  });

  it('answers with what was seen last when the time is over, and knows what does not exist', async () => {
    const { reads, look } = openRoom();
    const brief = look(30);
    (await nextRead(reads, 1)).answer(state('pending', 1));
    expect((await brief)?.deployment.status).toBe('pending');
    const nothing = look();
    (await nextRead(reads, 2)).answer(null);
    expect(await nothing).toBeNull();
  });

  it('sends away who comes beyond its places, and has a place again when somebody goes', async () => {
    const { reads, look, room } = openRoom({ maxWaiting: 1 });
    const leaving = new AbortController();
    const first = look(FOREVER, leaving.signal);
    (await nextRead(reads, 1)).answer(state('pending', 1));
    await waitFor(() => room.waiting() === 1);
    const second = look();
    (await nextRead(reads, 2)).answer(state('pending', 1));
    await expect(second).rejects.toMatchObject({ name: 'OverloadedError' });
    leaving.abort();
    await first;
    expect(room.waiting()).toBe(0);
    const third = look();
    (await nextRead(reads, 3)).answer(state('pending', 1));
    await waitFor(() => room.waiting() === 1);
    room.drain();
    await third;
  });

  it('lets nobody wait once it drains', async () => {
    const { reads, look, room } = openRoom();
    const unanswered = look();
    room.drain();
    (await nextRead(reads, 1)).answer(state('pending', 1));
    expect((await unanswered)?.deployment.status).toBe('pending');
    const late = look();
    (await nextRead(reads, 2)).answer(state('pending', 1));
    expect((await late)?.deployment.status).toBe('pending');
  });
});
