import { type Database, removeDeployments, removeExpiredKeys, removeHeartbeats, removeInbound, removeSlaWindows, removeSpentNotices } from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { POLICY, count, key, open, stored } from './build.js';

let test: TestDatabase;
let database: Database;

const DAY_MS = 86_400_000;
const TELLS = { policy: { ...POLICY, approvalsRequired: 0 } };

beforeAll(async () => {
  test = await testDatabase();
  database = open(test.url);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

beforeEach(async () => {
  await database.query(
    'TRUNCATE deployments, decisions, events, deployment_keys, effects, jira_tickets, slack_messages, inbound_dedupe, heartbeats, sla_windows CASCADE',
  );
  await database.query(`UPDATE rollup_state SET counted_until = 'infinity'`);
});

describe('clean-up', () => {
  it('removes expired keys in batches, and keeps those that live and those that never expire', async () => {
    await stored(database, ...Array.from({ length: 5 }, (_, n) => ({ keys: [key('idempotency', `old-${n}`)] })));
    await database.query(`UPDATE deployment_keys SET expires_at = now() - interval '1 second'`);
    await stored(database, { keys: [key('idempotency', 'new'), key('natural', 'new')] });
    expect(await removeExpiredKeys(database, 3)).toBe(3);
    expect(await removeExpiredKeys(database, 3)).toBe(2);
    expect(await removeExpiredKeys(database, 3)).toBe(0);
    expect(await database.query('SELECT key, kind FROM deployment_keys ORDER BY kind')).toEqual([
      { key: 'new', kind: 'idempotency' },
      { key: 'new', kind: 'natural' },
    ]);
  });

  it('removes inbound keys and signs of life by age', async () => {
    await database.query(`INSERT INTO inbound_dedupe (key, at) VALUES ('old', now() - interval '8 days'), ('new', now() - interval '6 days')`);
    await database.query(`INSERT INTO heartbeats (instance, service, detail, at) VALUES ('old', 'api', '{}', now() - interval '2 days'), ('new', 'api', '{}', now())`);
    expect(await removeInbound(database, 10, 7 * DAY_MS)).toBe(1);
    expect(await removeHeartbeats(database, 10, DAY_MS)).toBe(1);
    expect(await database.query('SELECT key FROM inbound_dedupe')).toEqual([{ key: 'new' }]);
    expect(await database.query('SELECT instance FROM heartbeats')).toEqual([{ instance: 'new' }]);
  });

  it('removes delivered notices and digests with their messages, and nothing that is owed, stuck, young or asks for something', async () => {
    const ids = await stored(database, TELLS, TELLS, TELLS, TELLS, TELLS, TELLS);
    await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL, updated_at = now() - interval '31 days'`);
    await database.query(`INSERT INTO slack_messages (effect_id, kind, channel_id, ts) SELECT id, kind, 'C', '1' FROM effects`);
    const set = (index: number, what: string) => database.query(`UPDATE effects SET ${what} WHERE deployment_id = $1 AND kind = 'slack.notice'`, [ids[index]]);
    await set(1, `phase = 'held'`);
    await set(2, `phase = 'dead'`);
    await set(3, `updated_at = now() - interval '29 days'`);
    await set(4, `next_attempt_at = now() + interval '1 hour'`);
    await set(5, `lease_until = now() + interval '1 minute'`);
    expect(await removeSpentNotices(database, 10, 30 * DAY_MS)).toBe(1);
    expect(await count(database, `effects WHERE kind = 'slack.notice'`)).toBe(5);
    expect(await count(database, `effects WHERE kind = 'jira.ticket'`)).toBe(6);
    expect(await count(database, 'slack_messages')).toBe(11);
    expect(await count(database, 'slack_messages WHERE effect_id NOT IN (SELECT id FROM effects)')).toBe(0);
  });

  it('removes old SLA windows with their results, but never the newest, which the next one follows', async () => {
    const window = (from: number) => database.query(`INSERT INTO sla_windows (starts_at, ends_at) VALUES (now() - make_interval(days => $1), now() - make_interval(days => $1 - 1))`, [from]);
    for (const days of [410, 405, 403]) await window(days);
    await database.query(`INSERT INTO sla_results SELECT ends_at, 'ticket', 'p', 'e', 1, 1, 1, 1, 1, 1, 1 FROM sla_windows`);
    expect(await removeSlaWindows(database, 10, 400 * DAY_MS)).toBe(2);
    expect(await count(database, 'sla_results')).toBe(1);
    expect(await removeSlaWindows(database, 10, 400 * DAY_MS)).toBe(0);
  });
});

describe('removing deployments', () => {
  const remove = (max = 10): Promise<number> => database.transaction((uow) => removeDeployments(uow, max, 30 * DAY_MS));
  const finish = (id: string | undefined, days: number, status = 'succeeded') =>
    database.query(`UPDATE deployments SET status = $3, finished_at = now() - make_interval(days => $2) WHERE id = $1`, [id, days, status]);

  it('takes what is long finished with all that belongs to it, and leaves the rest untouched', async () => {
    const [old, young, open1] = await stored(database, { keys: [key('natural', 'a'), key('idempotency', 'a')] }, { keys: [key('natural', 'b')] }, {});
    await finish(old, 31);
    await finish(young, 29, 'failed');
    await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL`);
    await database.query(`INSERT INTO decisions (deployment_id, actor, decision) SELECT id, 'bob@example.com', 'approve' FROM deployments`);
    await database.query(`INSERT INTO jira_tickets (deployment_id, effect_id, issue_id, key, url) SELECT id, id, '1', 'A-1', 'u' FROM deployments`);
    await database.query(`INSERT INTO slack_messages (effect_id, deployment_id, kind, channel_id, ts) SELECT id, id, 'slack.approval', 'C', '1' FROM deployments`);
    expect(await remove()).toBe(1);
    for (const table of ['decisions', 'events', 'effects', 'jira_tickets', 'slack_messages', 'deployment_keys']) {
      expect(await count(database, `${table} WHERE deployment_id = $1`, [old])).toBe(0);
    }
    expect(await count(database, 'deployments')).toBe(2);
    expect(await count(database, 'events WHERE deployment_id = ANY ($1)', [[young, open1]])).toBe(2);
    expect(await count(database, 'effects')).toBe(4);
    expect(await count(database, 'jira_tickets')).toBe(2);
    expect(await count(database, 'deployment_keys')).toBe(1);
    expect(await remove()).toBe(0);
  });

  it('leaves one that changed after what the rollups have counted', async () => {
    const [id] = await stored(database, {});
    await finish(id, 31);
    await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL`);
    await database.query('UPDATE rollup_state SET counted_until = (SELECT updated_at FROM deployments)');
    expect(await remove()).toBe(0);
    await database.query(`UPDATE rollup_state SET counted_until = now() + interval '1 minute'`);
    expect(await remove()).toBe(1);
  });

  it('leaves one that still owes something outside', async () => {
    const [id] = await stored(database);
    await finish(id, 31);
    await database.query(`UPDATE effects SET phase = 'sent', next_attempt_at = NULL WHERE target = 'jira'`);
    expect(await remove()).toBe(0);
    await database.query(`UPDATE effects SET phase = 'dead', next_attempt_at = NULL`);
    expect(await remove()).toBe(1);
  });

  it('goes batch by batch, the longest finished first, and passes over what somebody holds', async () => {
    const ids = await stored(database, {}, {}, {});
    for (const [index, id] of ids.entries()) await finish(id, 50 - index);
    await database.query(`UPDATE effects SET next_attempt_at = NULL`);
    await database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM deployments WHERE id = $1 FOR UPDATE', [ids[0]]);
      expect(await remove(1)).toBe(1);
    });
    expect(await count(database, 'deployments WHERE id = ANY ($1)', [[ids[0], ids[2]]])).toBe(2);
    expect(await remove()).toBe(2);
  });
});
