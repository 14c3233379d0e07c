import { EFFECT_KINDS, type Owed, PRIORITIES } from '@deptracker/domain';
import type { QueueMs, QueuedEffect } from './effect-row.js';
import { newId } from './new-id.js';

/** What a new deployment owes, and when. */
interface Owing {
  readonly id: string;
  readonly owed: readonly Owed[];
  readonly queueMs: QueueMs;
  /** Milliseconds that a notice waits for others to join it in a digest. */
  readonly noticeDelayMs: number;
}

/** What effects of a batch have in common. */
interface Terms extends Omit<QueuedEffect, 'id'> {
  /** Among the terms of the batch, from 0. */
  readonly place: number;
  readonly eventRevision: number;
  readonly destination: string;
  readonly delayMs: number;
  /** Milliseconds for which the writer queues the job itself; 0 leaves it to the workers. */
  readonly queueMs: number;
}

/** A new effect. */
interface BatchEffect {
  readonly id: string;
  readonly terms: Terms;
}

function termsOf({ kind, mode, revision, destination, priority }: Owed, { queueMs, noticeDelayMs }: Owing, place: number): Terms {
  const target = EFFECT_KINDS[kind];
  const delayMs = kind === 'slack.notice' ? noticeDelayMs : 0;
  return {
    place,
    kind,
    target,
    eventRevision: mode === 'per_event' ? revision : 0,
    destination,
    priority: PRIORITIES[priority],
    delayMs,
    queueMs: delayMs > 0 ? 0 : queueMs[target],
  };
}

/** The effects of each deployment of a batch. They differ in little but their ids, so that most share their terms. */
export function batchEffects(batch: readonly Owing[]): readonly (readonly BatchEffect[])[] {
  const known = new Map<string, Terms>();
  const shared = (owed: Owed, one: Owing): Terms => {
    const { kind, mode, revision, priority, destination } = owed;
    const name = `${kind} ${mode} ${revision} ${priority} ${one.noticeDelayMs} ${one.queueMs[EFFECT_KINDS[kind]]} ${destination}`;
    const there = known.get(name);
    if (there !== undefined) return there;
    const terms = termsOf(owed, one, known.size);
    known.set(name, terms);
    return terms;
  };
  return batch.map((one) => one.owed.map((owed) => ({ id: newId(), terms: shared(owed, one) })));
}

/** As Postgres reads an array of what needs no quotes: ids and numbers. */
const plainArray = (values: readonly (string | number)[]): string => `{${values.join()}}`;

/**
 * The effects as four parameters: their ids, their deployments and the places of their terms, as arrays, and the terms, as
 * JSON. Postgres reads ids in an array in half of the time that it takes for an object of each effect.
 */
export function effectParameters(batch: readonly Owing[], effects: readonly (readonly BatchEffect[])[]): readonly string[] {
  const ids: string[] = [];
  const deployments: string[] = [];
  const places: number[] = [];
  const terms = new Set<Terms>();
  batch.forEach((one, index) => {
    for (const effect of effects[index] ?? []) {
      ids.push(effect.id);
      deployments.push(one.id);
      places.push(effect.terms.place);
      terms.add(effect.terms);
    }
  });
  return [plainArray(ids), plainArray(deployments), plainArray(places), JSON.stringify([...terms])];
}

/** Those that the writer queues itself. */
export function queuedOf(effects: readonly BatchEffect[]): readonly QueuedEffect[] {
  return effects.flatMap(({ id, terms: { kind, target, priority, queueMs } }) => (queueMs > 0 ? [{ id, kind, target, priority }] : []));
}
