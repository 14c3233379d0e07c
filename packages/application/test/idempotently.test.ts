import { idempotently } from '@deptracker/application';
import { type Database, createDatabase, recordSettingEvent } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await testDatabase();
  database = createDatabase({ url: test.url, maxConnections: 10, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query('TRUNCATE idempotency_answers, setting_events');
});

const asked = (body: unknown = { name: 'a' }, key: string | null = 'k', operation = 'createThing') => ({ operation, key, body, ttlSeconds: 60 });

/** Leaves a trace each time it runs. */
function make(options: ReturnType<typeof asked>, fails = false) {
  return idempotently(database, options, async (uow) => {
    const event = { subjectKind: 'project', subjectId: 'a', revision: 1, type: 'project.created', actor: null, data: {}, requestId: null } as const;
    await recordSettingEvent(uow, event);
    if (fails) throw new Error('no');
    return { status: 201, body: { at: 1, nested: { z: 1, a: 2 } } };
  });
}

const traces = async (): Promise<number> => (await database.query('SELECT 1 FROM setting_events')).length;

describe('a request with an Idempotency-Key', () => {
  it('runs once and is answered again word for word', async () => {
    const first = await make(asked());
    const again = await make(asked());
    expect(first).toMatchObject({ status: 201, replayed: false });
    expect(again.replayed).toBe(true);
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body));
    expect(await traces()).toBe(1);
  });

  it('runs once for ten that come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => make(asked())));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await traces()).toBe(1);
  });

  it('is refused with another body, but not where only the order of the fields differs', async () => {
    await make(asked({ a: 1, b: 2 }));
    expect((await make(asked({ b: 2, a: 1 }))).replayed).toBe(true);
    await expect(make(asked({ a: 2 }))).rejects.toMatchObject({ refusal: { code: 'key_reused' } });
  });

  it('leaves nothing behind where it fails, and may be sent again', async () => {
    await expect(make(asked(), true)).rejects.toThrow('no');
    expect(await traces()).toBe(0);
    expect((await make(asked())).replayed).toBe(false);
  });

  it('does not know keys of another operation, nor its own once their time has passed', async () => {
    await make(asked());
    expect((await make(asked(undefined, 'k', 'createOther'))).replayed).toBe(false);
    await database.query(`UPDATE idempotency_answers SET expires_at = now() - interval '1 second'`);
    expect((await make(asked({ other: true }))).replayed).toBe(false);
    expect((await make(asked({ other: true }))).replayed).toBe(true);
  });

  it('is run each time without one', async () => {
    await make(asked(null, null));
    await make(asked(null, null));
    expect(await traces()).toBe(2);
  });
});
