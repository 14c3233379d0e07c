import { setTimeout as delay } from 'node:timers/promises';
import { type ProxyMode, freePort } from '@deptracker/testkit';
import { LINKS, SLOTS, type Side, type Slot, appOf } from '../fleet/slots.js';
import type { Scene } from '../scene.js';

/** One way to hurt the fleet, and what Dep Tracker promises for it. */
export interface TableFault {
  readonly name: string;
  readonly promise: string;
  /** Lets it happen; resolves when it is over. */
  readonly hurt: (scene: Scene) => Promise<void>;
  /** Looked at besides what the checker sees, when all is done. */
  readonly also?: (scene: Scene) => Promise<void>;
}

const FOR_MS = 3_000;
/** Longer than a lease. */
const ASLEEP_MS = 5_000;
const HOUR_MS = 3_600_000;

const of = (app: string): Slot[] => SLOTS.filter((slot) => appOf(slot) === app);
const firsts = SLOTS.filter((slot) => slot.endsWith('-1'));

const killed = (...slots: Slot[]) => (scene: Scene): Promise<void> => {
  for (const slot of slots) scene.fleet.process(slot).signal('SIGKILL');
  return Promise.resolve();
};

const asleep = (...slots: Slot[]) => async (scene: Scene): Promise<void> => {
  for (const slot of slots) scene.fleet.process(slot).signal('SIGSTOP');
  await delay(ASLEEP_MS);
  for (const slot of slots) scene.fleet.process(slot).signal('SIGCONT');
};

/** All links of a kind at once, of these processes. */
const links = (side: Side, mode: ProxyMode, slots: readonly Slot[] = SLOTS) => async ({ fleet }: Scene): Promise<void> => {
  const mine = LINKS.filter((name) => name.endsWith(`/${side}`) && slots.some((slot) => name.startsWith(`${slot}/`))).map((name) => fleet.link(name));
  for (const link of mine) link.set(mode);
  await delay(FOR_MS);
  for (const link of mine) link.pass();
};

/** Open connections are dead, though neither side was told; new ones are sound. */
const stranded = (side: Side) => ({ fleet }: Scene): Promise<void> => {
  for (const name of LINKS) if (name.endsWith(`/${side}`)) fleet.link(name).strand();
  return Promise.resolve();
};

async function redisAnswers(scene: Scene): Promise<void> {
  await scene.until('every worker to take jobs from Redis again', async () => {
    const { rows } = await scene.fleet.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM heartbeats WHERE service LIKE '%-worker' AND detail->>'redis' <> 'up'`);
    return rows[0]?.n === 0;
  }, 60_000);
}

const vendor = (...rules: object[]) => async ({ fleet }: Scene): Promise<void> => {
  await fleet.faults(rules);
  await delay(FOR_MS);
  await fleet.faults([]);
};

/** Every second creating answer is spoilt, applied and not applied in turn, and some of the look-ups. */
const spoilt = (kind: string) => vendor(
  { method: 'jira.createIssue', kind, every: 2, applied: true },
  { method: 'slack.chat.postMessage', kind, every: 2, applied: true },
  { method: 'jira.createIssue', kind, every: 3 },
  { method: 'slack.chat.postMessage', kind, every: 3 },
  { method: 'jira.search', kind, times: 2 },
  { method: 'slack.conversations.history', kind, times: 2 },
);

const clocks = (offsetMs: number) => async ({ fleet }: Scene): Promise<void> => {
  for (const slot of firsts) fleet.process(slot).shiftClock(offsetMs);
  await delay(FOR_MS);
  for (const slot of firsts) fleet.process(slot).shiftClock(0);
};

const redis = (command: readonly [string, ...(string | number)[]], undo: readonly [string, ...(string | number)[]]) => async ({ fleet }: Scene): Promise<void> => {
  await fleet.askRedis(...command);
  await delay(FOR_MS);
  await fleet.askRedis(...undo);
};

async function silentRedis({ fleet }: Scene): Promise<void> {
  await fleet.redis.pause();
  await delay(FOR_MS);
  await fleet.redis.resume();
}

async function startWithout(side: Side, { fleet }: Scene): Promise<void> {
  const mine = LINKS.filter((name) => name.endsWith(`-1/${side}`)).map((name) => fleet.link(name));
  for (const link of mine) link.reset();
  for (const slot of firsts) fleet.process(slot).signal('SIGKILL');
  await delay(FOR_MS);
  for (const link of mine) link.pass();
}

async function fullDisk({ fleet }: Scene): Promise<void> {
  for (const slot of firsts) {
    fleet.process(slot).logTo('/dev/full');
    fleet.process(slot).signal('SIGKILL');
  }
  await delay(FOR_MS);
  // Who runs keeps the full one; the next in its place has a good one.
  for (const slot of firsts) fleet.process(slot).logTo(fleet.process(slot).logFile);
}

const poisonOf = ({ project }: Scene): string => `${project}-poison`;

/** Its project names one in Jira that cannot exist. */
async function poison(scene: Scene): Promise<void> {
  const key = poisonOf(scene);
  await scene.client.send('POST', '/api/projects', { key, jiraProjectKey: 'TOOLONGFORJIRA' });
  await scene.client.send('POST', '/api/deployments', { project: key, environment: 'free', version: 'poison' });
}

async function poisonIsDead(scene: Scene): Promise<void> {
  await scene.until('the poison row to be dead, with its reason', async () => {
    const { rows } = await scene.fleet.pool.query<{ phase: string; last_error: string | null }>(
      `SELECT e.phase, e.last_error FROM effects e JOIN deployments d ON d.id = e.deployment_id WHERE d.project = $1 AND e.kind = 'jira.ticket'`,
      [poisonOf(scene)],
    );
    return rows[0]?.phase === 'dead' && rows[0].last_error?.includes('400') === true;
  }, 120_000);
}

const ONE_EACH = 'one ticket, one message';
const HALF_OPEN: ProxyMode = { kind: 'halfOpen', swallows: 'answers' };

const PROCESSES: readonly TableFault[] = [
  { name: 'an API is killed', promise: 'what was answered is stored; who asks again is told of it', hurt: killed('api-1') },
  { name: 'an API is stopped for 5 s', promise: 'the other one goes on', hurt: asleep('api-1') },
  { name: 'a jira-worker is killed', promise: `${ONE_EACH}, no attempt used up`, hurt: killed('jira-worker-1') },
  { name: 'a jira-worker is stopped past its lease', promise: 'it cannot overwrite its successor, nor send late', hurt: asleep('jira-worker-1') },
  { name: 'a slack-worker is killed', promise: `${ONE_EACH}, no attempt used up`, hurt: killed('slack-worker-1') },
  { name: 'a slack-worker is stopped past its lease', promise: 'it cannot overwrite its successor, nor send late', hurt: asleep('slack-worker-1') },
  { name: 'both of each worker are killed', promise: 'ingestion is normal; all is delivered', hurt: killed(...of('jira-worker'), ...of('slack-worker')) },
  { name: 'both metrics-crons are killed', promise: 'all is delivered without them', hurt: killed(...of('metrics-cron')) },
  { name: 'both metrics-crons are stopped for 5 s', promise: 'all is delivered without them', hurt: asleep(...of('metrics-cron')) },
];

const REDIS: readonly TableFault[] = [
  { name: 'Redis: FLUSHALL', promise: 'nothing lost', hurt: ({ fleet }) => fleet.flushRedis() },
  { name: 'Redis: full', promise: 'creates answer 201, delivery goes on', hurt: redis(['CONFIG', 'SET', 'maxmemory', 1], ['CONFIG', 'SET', 'maxmemory', 0]) },
  { name: 'Redis: a read-only replica', promise: 'creates answer 201, delivery goes on', hurt: async (scene) => redis(['REPLICAOF', '127.0.0.1', await freePort()], ['REPLICAOF', 'NO', 'ONE'])(scene) },
  { name: 'Redis: silent', promise: 'creates answer 201, delivery goes on', hurt: silentRedis },
  { name: 'Redis: every answer 200 ms late', promise: 'nobody waits for it', hurt: links('redis', { kind: 'delay', ms: 200 }) },
  { name: 'Redis: connections reset', promise: 'creates answer 201, delivery goes on', hurt: links('redis', { kind: 'reset' }) },
  { name: 'Redis: black hole', promise: 'creates answer 201, delivery goes on', hurt: links('redis', { kind: 'blackhole' }) },
  { name: 'Redis: half-open, then dead connections', promise: 'creates answer 201, delivery goes on', hurt: links('redis', HALF_OPEN) },
  { name: 'Redis: all connections dead without a word', promise: 'new ones are made, jobs are taken again', hurt: stranded('redis'), also: redisAnswers },
];

const POSTGRES: readonly TableFault[] = [
  { name: 'Postgres: immediate restart under load', promise: '503 with Retry-After, back within 10 s', hurt: ({ fleet }) => fleet.restartPostgres() },
  { name: 'Postgres: so slow that the pool is used up', promise: 'who finds no connection is told to come back', hurt: links('postgres', { kind: 'delay', ms: 700 }, of('api')) },
  { name: "Postgres: the COMMIT's answer lost", promise: 'one deployment per key', hurt: links('postgres', { kind: 'dropAnswer', afterBytes: 0 }, of('api')) },
  { name: 'Postgres: every answer 50 ms late', promise: 'slower, nothing else', hurt: links('postgres', { kind: 'delay', ms: 25 }) },
  { name: 'Postgres: connections reset', promise: '503 with Retry-After, back within 10 s', hurt: links('postgres', { kind: 'reset' }) },
  { name: 'Postgres: black hole', promise: '503 with Retry-After, back within 10 s', hurt: links('postgres', { kind: 'blackhole' }) },
  { name: 'Postgres: all connections dead without a word', promise: '503 with Retry-After, back within 10 s', hurt: stranded('postgres') },
  { name: 'Postgres: half-open, then dead connections', promise: '503 with Retry-After, back within 10 s', hurt: links('postgres', HALF_OPEN) },
];

const VENDORS: readonly TableFault[] = [
  { name: 'vendors: every answer 1 s late', promise: ONE_EACH, hurt: links('vendor', { kind: 'delay', ms: 500 }) },
  { name: 'vendors: connections reset', promise: ONE_EACH, hurt: links('vendor', { kind: 'reset' }) },
  { name: 'vendors: black hole', promise: ONE_EACH, hurt: links('vendor', { kind: 'blackhole' }) },
  { name: 'vendors: half-open', promise: ONE_EACH, hurt: links('vendor', HALF_OPEN) },
  { name: 'vendors: down (503)', promise: 'no attempt used up, nothing stranded', hurt: vendor({ method: '*', kind: 'error', status: 503 }) },
  { name: 'vendors: applied, answers dropped', promise: ONE_EACH, hurt: vendor({ method: 'jira.createIssue', kind: 'drop_after', every: 2 }, { method: 'slack.chat.postMessage', kind: 'drop_after', every: 2 }) },
  { name: 'vendors: an HTML page', promise: ONE_EACH, hurt: spoilt('garbage') },
  { name: 'vendors: 100 MB', promise: `${ONE_EACH}, no process dies of it`, hurt: spoilt('huge') },
  { name: 'vendors: one byte a second', promise: `${ONE_EACH}, nobody waits for it`, hurt: spoilt('drip') },
  { name: 'vendors: every write a 500, applied or not', promise: ONE_EACH, hurt: spoilt('error') },
  { name: 'a poison row', promise: 'it ends dead with its reason; the others go on', hurt: poison, also: poisonIsDead },
];

const REST: readonly TableFault[] = [
  { name: 'clocks of one process of each kind an hour ahead', promise: 'changes nothing', hurt: clocks(HOUR_MS) },
  { name: 'clocks of one process of each kind an hour behind', promise: 'changes nothing', hurt: clocks(-HOUR_MS) },
  { name: 'a start without Postgres', promise: 'repeated until it is there', hurt: (scene) => startWithout('postgres', scene) },
  { name: 'a start without Redis', promise: 'a start all the same', hurt: (scene) => startWithout('redis', scene) },
  { name: 'a start without the vendors', promise: 'a start all the same', hurt: (scene) => startWithout('vendor', scene) },
  { name: 'a full disk on the log', promise: 'stops nobody', hurt: fullDisk },
];

export const FAULTS: readonly TableFault[] = [...PROCESSES, ...REDIS, ...POSTGRES, ...VENDORS, ...REST];
