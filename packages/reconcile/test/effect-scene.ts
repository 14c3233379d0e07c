import { randomUUID } from 'node:crypto';
import { runEffect } from '@deptracker/reconcile';
import { type Database, type Effect, findEffect } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { fakeOutside, testEngine, testPool } from './outside.js';

/** One effect that is owed, and its outside. The first three only exist once a test runs: a test reads them there, and keeps none beside it. */
export interface EffectScene {
  /** One for all tests of a file. */
  readonly database: Database;
  /** A new one for each test. */
  readonly outside: ReturnType<typeof fakeOutside>;
  /** The effect that the rest is about, a new one for each test. */
  readonly id: string;
  /** Makes one more effect for the same channel, and returns its id. */
  readonly owe: () => Promise<string>;
  readonly run: () => ReturnType<typeof runEffect>;
  readonly effect: () => Promise<Effect>;
  /** Lets `seconds` pass for this effect, by moving all of its times into the past. */
  readonly pass: (seconds: number) => Promise<unknown>;
  readonly want: (revision: number) => Promise<unknown>;
  /** Runs and lets time pass until nothing is due any more within a day. */
  readonly settle: () => Promise<void>;
}

/** The scene of all tests of a file. */
export function effectScene(): EffectScene {
  let target: TestDatabase;
  let database: Database;
  let outside = fakeOutside();
  let id = '';

  beforeAll(async () => {
    target = await testDatabase();
    database = testPool(target.url);
  });

  afterAll(async () => {
    await database.close();
    await target.drop();
  });

  beforeEach(async () => {
    outside = fakeOutside();
    id = await owe();
  });

  const owe = async (): Promise<string> => {
    const owed = randomUUID();
    await database.query(
      `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, desired_revision, next_attempt_at)
       VALUES ($1, 'slack.approval', 'slack', $2, 'C1', 1, 1, now())`,
      [owed, randomUUID()],
    );
    return owed;
  };
  const run = (): ReturnType<typeof runEffect> => runEffect(testEngine(database, outside.reconciler), id);
  const effect = async (): Promise<Effect> => {
    const found = await findEffect(database, id);
    if (found === null) throw new Error('the effect is gone');
    return found;
  };
  const pass = (seconds: number): Promise<unknown> =>
    database.query(
      `UPDATE effects SET sent_at = sent_at - make_interval(secs => $2), first_sent_at = first_sent_at - make_interval(secs => $2),
         next_attempt_at = next_attempt_at - make_interval(secs => $2), lease_until = lease_until - make_interval(secs => $2),
         failing_since = failing_since - make_interval(secs => $2), confirm_at = confirm_at - make_interval(secs => $2) WHERE id = $1`,
      [id, seconds],
    );
  const want = (revision: number): Promise<unknown> =>
    database.query('UPDATE effects SET desired_revision = $2, next_attempt_at = now() WHERE id = $1', [id, revision]);
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 60; round += 1) {
      const { phase, due } = await effect();
      if ((phase === 'sent' && !due && round > 0) || phase === 'held' || phase === 'dead') return;
      await run();
      await pass(5);
    }
  };

  return {
    get database() {
      return database;
    },
    get outside() {
      return outside;
    },
    get id() {
      return id;
    },
    owe,
    run,
    effect,
    pass,
    want,
    settle,
  };
}
