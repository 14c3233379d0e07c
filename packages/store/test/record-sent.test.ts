import { randomUUID } from 'node:crypto';
import {
  type Database,
  type SentEffect,
  UnavailableError,
  createDatabase,
  findEffect,
  gatherEffects,
  learnExternalId,
  linkTicketInMessage,
  recordEffect,
  saveMessage,
  saveTicket,
  showTicketInMessage,
  wakeChildren,
} from '@deptracker/store';
import { type TestDatabase, testDatabase } from '@deptracker/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let target: TestDatabase;
let database: Database;

beforeAll(async () => {
  target = await testDatabase();
  database = createDatabase({ url: target.url, maxConnections: 8, maxIdle: 0, maxLifetimeMs: 60_000, name: 'test' });
});
afterAll(async () => {
  await database.close();
  await target.drop();
});

interface Made {
  readonly id: string;
  readonly deploymentId: string;
}

/** An effect whose request is under way, with fence 1. */
async function sending(kind: 'jira.ticket' | 'slack.approval', deploymentId: string = randomUUID(), columns: Readonly<Record<string, string>> = {}): Promise<Made> {
  const id = randomUUID();
  const names = Object.keys(columns).map((name) => `, ${name}`).join('');
  const values = Object.values(columns).map((value) => `, ${value}`).join('');
  await database.query(
    `INSERT INTO effects (id, kind, target, deployment_id, destination, priority, phase, desired_revision, fence, lease_until, next_attempt_at,
       queued_until, sent_at, first_sent_at, failing_since, last_error, attempts${columns['sends'] === undefined ? ', sends' : ''}${names})
     VALUES ($1, $2, split_part($2, '.', 1), $3, 'C1', 1, 'sending', 1, 1, now() + interval '1 minute', now(), now() + interval '1 minute',
       now(), now(), now(), 'x', 3${columns['sends'] === undefined ? ', 1' : ''}${values})`, [id, kind, deploymentId]);
  return { id, deploymentId };
}

const ticketOf = ({ id, deploymentId }: Made, issueId: string): SentEffect['kept'] =>
  ({ ticket: { effectId: id, deploymentId, issueId, key: `OPS-${issueId}`, url: 'u', contentHash: 'h', summary: 's' } });
const messageOf = ({ id, deploymentId }: Made, ts: string, withoutTicket = true): SentEffect['kept'] =>
  ({ message: { effectId: id, deploymentId, kind: 'slack.approval', channelId: 'C1', ts, contentHash: 'h' }, wakes: id, withoutTicket });
const sent = (made: Made, externalId: string, kept: SentEffect['kept'], nextInMs: number | null = null): SentEffect =>
  ({ id: made.id, fence: 1, externalId, appliedRevision: 1, nextInMs, kept });

/** The same by itself, as a run does that is not in the common case. */
async function byItself({ id, externalId, appliedRevision, nextInMs, kept }: SentEffect): Promise<{ due: boolean }> {
  const effect = await findEffect(database, id);
  if (effect === null) throw new Error('the effect is gone');
  return database.transaction(async (uow) => {
    await learnExternalId(uow, id, externalId);
    if ('ticket' in kept) await saveTicket(uow, kept.ticket.deploymentId, id, kept.ticket);
    else await saveMessage(uow, kept.message);
    const { due } = await recordEffect(uow, effect, { phase: 'sent', appliedRevision, attempts: 0, nextInMs, error: null, failing: false });
    if ('ticket' in kept) await showTicketInMessage(uow, kept.ticket.deploymentId);
    else {
      if (kept.wakes !== null) await wakeChildren(uow, kept.wakes);
      if (kept.withoutTicket) await linkTicketInMessage(uow, { id });
    }
    return { due };
  });
}

/** All columns of an effect; of times only whether they are past, or about when. */
async function rowOf(id: string): Promise<unknown> {
  const [row] = await database.query<{ row: Record<string, unknown> }>('SELECT to_jsonb(e) AS row FROM effects e WHERE id = $1', [id]);
  const timeless = Object.entries(row?.row ?? {}).filter(([name]) => name !== 'id' && name !== 'deployment_id');
  const about = (value: unknown): unknown => (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Math.round((Date.parse(value) - Date.now()) / 600_000) : value);
  return Object.fromEntries(timeless.map(([name, value]) => [name, about(value)]));
}

describe('effects that were sent', () => {
  it.each([
    ['plainly', {}, null],
    ['while more was asked for', { desired_revision: '3' }, null],
    ['with a duplicate to close', { extra_ids: `'{other}'` }, null],
    ['for the second time', { sends: '2' }, 7_200_000],
    ['anew after they were gone', { lookups: '4', rechecks: '1', applied_revision: '0' }, null],
  ] as const)('%s are recorded together as each would be by itself', async (_, columns, nextInMs) => {
    const overridden = { ...columns } as Record<string, string>;
    const rest = Object.fromEntries(Object.entries(overridden).filter(([name]) => name !== 'desired_revision'));
    const pairs = await Promise.all((['jira.ticket', 'slack.approval'] as const).map(async (kind) => {
      const [a, b] = [await sending(kind, undefined, rest), await sending(kind, undefined, rest)];
      if ('desired_revision' in overridden) await database.query('UPDATE effects SET desired_revision = 3 WHERE id = ANY ($1)', [[a.id, b.id]]);
      const kept = kind === 'jira.ticket' ? ticketOf : messageOf;
      return { a: sent(a, 'x1', kept(a, randomUUID()), nextInMs), b: sent(b, 'x1', kept(b, randomUUID()), nextInMs) };
    }));
    const effects = gatherEffects(database);
    const together = await Promise.all(pairs.map(({ a }) => effects.sent(a)));
    const alone = [];
    for (const { b } of pairs) alone.push(await byItself(b));
    expect(together).toEqual(alone);
    for (const { a, b } of pairs) expect(await rowOf(a.id)).toEqual(await rowOf(b.id));
  });

  it('are left alone where the fence is lost, an id was learned, a person gave up, or somebody has the row locked', async () => {
    const lost = await sending('jira.ticket', undefined, {});
    await database.query('UPDATE effects SET fence = 2 WHERE id = $1', [lost.id]);
    const learned = await sending('jira.ticket', undefined, { external_id: `'first'` });
    const discarded = await sending('jira.ticket', undefined, { discarded_at: 'now()' });
    const locked = await sending('jira.ticket');
    const common = await sending('jira.ticket');
    const all = [lost, learned, discarded, locked, common];
    const before = await Promise.all(all.map(({ id }) => rowOf(id)));
    const effects = gatherEffects(database);
    const answers = await database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM effects WHERE id = $1 FOR UPDATE', [locked.id]);
      return Promise.all(all.map((one) => effects.sent(sent(one, 'x', ticketOf(one, randomUUID())))));
    });
    expect(answers).toEqual([null, null, null, null, { due: false }]);
    expect(await Promise.all(all.slice(0, 4).map(({ id }) => rowOf(id)))).toEqual(before.slice(0, 4));
    const [tickets] = await database.query<{ ids: string[] }>('SELECT array_agg(effect_id) AS ids FROM jira_tickets WHERE effect_id = ANY ($1)', [all.map(({ id }) => id)]);
    expect(tickets?.ids).toEqual([common.id]);
  });

  it('wake the replies that wait for their message', async () => {
    const message = await sending('slack.approval');
    const reply = randomUUID();
    await database.query(
      `INSERT INTO effects (id, kind, target, deployment_id, event_revision, destination, priority, desired_revision, next_attempt_at, parent_id)
       VALUES ($1, 'slack.reply', 'slack', $2, 2, 'C1', 2, 2, now() + interval '1 hour', $3)`, [reply, message.deploymentId, message.id]);
    await gatherEffects(database).sent(sent(message, '1.1', messageOf(message, '1.1')));
    expect(await findEffect(database, reply)).toMatchObject({ due: true });
  });

  it('never leave a message without the link of its ticket, however the two cross', async () => {
    for (let round = 0; round < 10; round += 1) {
      const pairs = await Promise.all(Array.from({ length: 12 }, async () => {
        const ticket = await sending('jira.ticket');
        return { ticket, message: await sending('slack.approval', ticket.deploymentId) };
      }));
      const [jira, slack] = [gatherEffects(database), gatherEffects(database)];
      const record = async (effects: typeof jira, one: SentEffect): Promise<void> => {
        for (let turn = Math.random() * 6; turn > 0; turn -= 1) await new Promise(setImmediate);
        if ((await effects.sent(one)) === null) await byItself(one);
      };
      await Promise.all(pairs.flatMap(({ ticket, message }, index) => [
        record(jira, sent(ticket, `i${round}.${index}`, ticketOf(ticket, randomUUID()))),
        record(slack, sent(message, `m${round}.${index}`, messageOf(message, `m${round}.${index}`))),
      ]));
      for (const { message } of pairs) expect(await findEffect(database, message.id)).toMatchObject({ phase: 'sent', appliedRevision: 0, due: true });
    }
  });

  it('wait for nobody who holds a message while they hold their own, and are then to be recorded one by one', async () => {
    const [ticket, message] = [await sending('jira.ticket'), await sending('jira.ticket')];
    const asked = await sending('slack.approval', ticket.deploymentId);
    const effects = gatherEffects(database);
    await database.transaction(async (uow) => {
      await uow.query('SELECT 1 FROM effects WHERE id = $1 FOR UPDATE', [asked.id]);
      const answers = Promise.all([effects.sent(sent(ticket, 'x1', ticketOf(ticket, '1'))), effects.sent(sent(message, 'x2', ticketOf(message, '2')))]);
      await expect.poll(() => database.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).toHaveLength(1);
      // A deadlock, in which this would be given up, were the ticket's row held for long.
      await uow.query(`SET LOCAL deadlock_timeout = 500`);
      await uow.query('SELECT 1 FROM effects WHERE id = $1 FOR UPDATE', [ticket.id]);
      expect((await answers).includes(null)).toBe(true);
    });
    expect(await findEffect(database, ticket.id)).toMatchObject({ phase: 'sending' });
  });

  it('are to be recorded one by one where the database refused them together, but not where nobody knows', async () => {
    const failing = (error: Error): Database => ({ ...database, transaction: () => Promise.reject(error) });
    const one = await sending('jira.ticket');
    const ask = (error: Error): Promise<unknown> => gatherEffects(failing(error)).sent(sent(one, 'x', ticketOf(one, 'y')));
    expect(await ask(new UnavailableError('lock timeout', true, null))).toBeNull();
    expect(await ask(new Error('unique'))).toBeNull();
    await expect(ask(new UnavailableError('connection lost', false, null))).rejects.toThrow('connection lost');
  });
});
