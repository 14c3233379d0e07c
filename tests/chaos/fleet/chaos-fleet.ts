import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createDatabase,
  lastingPort,
  type NginxServer,
  type PostgresServer,
  type RedisServer,
  startNginx,
  startPostgres,
  startRedis,
  startTcpProxy,
  type TcpProxy,
} from '@deptracker/testkit';
import { Redis } from 'ioredis';
import pg from 'pg';
import { SECRET, SHORTENED, TEAM } from './environment.js';
import { LINKS, type LinkName, SLOTS, type Side, type Slot, appOf } from './slots.js';
import { Supervised } from './supervisor.js';
import { WATCH_PHASES } from './watch-phases.js';

/** What a commit needs to survive the end of the server, though not of the machine. */
const POSTGRES_SETTINGS = ['synchronous_commit=on'];
const PASSWORD = 'postgres';

/** Environments with policies that differ. `free` asks nobody, `quorum` asks two, `listed` knows whom, `brief` has little time. */
const POLICIES = `INSERT INTO environments (name, approvals_required, eligible, approval_ttl_s) VALUES
  ('free', 0, NULL, 3600), ('quorum', 2, NULL, 3600), ('listed', 1, '{alice@example.com,bob@example.com}', 3600), ('brief', 1, NULL, 2)`;

const APIS = ['api-1', 'api-2'] as const;

export type Overrides = Partial<Record<Slot | 'all', Readonly<Record<string, string>>>>;

export interface FleetOptions {
  readonly overrides?: Overrides;
  /** nginx reaches the APIs without a proxy, which would accept for an API that is not there and only then reset. */
  readonly directFront?: boolean;
}

/**
 * Two of each process behind nginx, on a Postgres and a Redis of their own, with the sandbox outside and a faulty proxy
 * on every link. Started once and hurt many times: what dies is started again.
 */
export class ChaosFleet {
  readonly processes = new Map<Slot, Supervised>();
  readonly links = new Map<LinkName, TcpProxy>();
  private restarting = Promise.resolve();

  private constructor(
    readonly folder: string,
    readonly databaseUrl: string,
    /** Straight to Postgres, through no proxy. */
    readonly pool: pg.Pool,
    readonly redis: RedisServer,
    readonly sandboxProcess: Supervised,
    private postgres: PostgresServer,
    private nginx: NginxServer | null = null,
  ) {}

  static async start(options: FleetOptions = {}): Promise<ChaosFleet> {
    const folder = mkdtempSync(join(tmpdir(), 'deptracker-chaos-'));
    // Postgres runs as another user and passes through.
    chmodSync(folder, 0o711);
    const [postgres, redis] = await Promise.all([startPostgres({ password: PASSWORD, settings: POSTGRES_SETTINGS, port: await lastingPort(), dataDir: join(folder, 'postgres') }), startRedis()]);
    const { url } = await createDatabase(postgres.url);
    await promisify(execFile)(process.execPath, ['scripts/dist/migrate.js', 'up'], { env: { ...process.env, DATABASE_URL: url } });
    const pool = new pg.Pool({ connectionString: url, max: 4 });
    // A restart of Postgres ends them.
    pool.on('error', () => undefined);
    await pool.query(POLICIES);
    await pool.query(WATCH_PHASES);
    const sandbox = new Supervised({
      name: 'sandbox',
      app: 'sandbox',
      port: await lastingPort(),
      folder,
      env: { SANDBOX_DATA: join(folder, 'ledger.jsonl'), SLACK_SIGNING_SECRET: SECRET, SLACK_TEAM_ID: TEAM, LOG_LEVEL: 'warn' },
    });
    const fleet = new ChaosFleet(folder, url, pool, redis, sandbox, postgres);
    try {
      await fleet.open(options);
      return fleet;
    } catch (error) {
      await fleet.stop(true);
      throw new Error(`The fleet did not start; its logs are in ${folder}`, { cause: error });
    }
  }

  private async open({ overrides = {}, directFront = false }: FleetOptions): Promise<void> {
    const ports = new Map<Slot, number>();
    for (const slot of SLOTS) ports.set(slot, await lastingPort());
    this.sandboxProcess.start();
    await this.sandboxProcess.ready();
    const targets: Readonly<Record<Side, (slot: Slot) => string | number>> = {
      postgres: () => this.databaseUrl,
      redis: () => this.redis.url,
      vendor: () => Number(new URL(this.sandboxProcess.url).port),
      front: (slot) => ports.get(slot) ?? 0,
    };
    for (const name of LINKS) {
      const [slot, side] = name.split('/') as [Slot, Side];
      this.links.set(name, await startTcpProxy({ to: targets[side](slot) }));
    }
    for (const slot of SLOTS) {
      const env = { ...SHORTENED, ...this.addresses(slot), ...overrides.all, ...overrides[slot] };
      this.processes.set(slot, new Supervised({ name: slot, app: appOf(slot), port: ports.get(slot) ?? 0, folder: this.folder, env }));
    }
    const fronts = APIS.map((slot) => (directFront ? (ports.get(slot) ?? 0) : this.link(`${slot}/front`).port));
    this.nginx = await startNginx(fronts);
    // In two waves: all at once they would keep each other from starting.
    for (const wave of ['-1', '-2']) {
      for (const slot of SLOTS.filter((name) => name.endsWith(wave))) this.process(slot).start();
      await Promise.all(SLOTS.filter((name) => name.endsWith(wave)).map((slot) => this.process(slot).ready()));
    }
  }

  private addresses(slot: Slot): Record<string, string> {
    const vendor = this.links.get(`${slot}/vendor`)?.url;
    return {
      DATABASE_URL: this.link(`${slot}/postgres`).url,
      REDIS_URL: this.link(`${slot}/redis`).url,
      ...(vendor === undefined ? {} : { SLACK_API_URL: `http://${vendor}/slack/api/`, JIRA_BASE_URL: `http://${vendor}/jira` }),
    };
  }

  /** Where clients go: nginx. */
  get url(): string {
    return this.nginx?.url ?? '';
  }

  /** Each API by itself, beside nginx. */
  get apiUrls(): readonly string[] {
    return APIS.map((slot) => `http://127.0.0.1:${this.link(`${slot}/front`).port}`);
  }

  get ledgerFile(): string {
    return join(this.folder, 'ledger.jsonl');
  }

  link(name: LinkName): TcpProxy {
    const found = this.links.get(name);
    if (found === undefined) throw new Error(`There is no link ${name}.`);
    return found;
  }

  process(slot: Slot): Supervised {
    const found = this.processes.get(slot);
    if (found === undefined) throw new Error(`There is no process ${slot}.`);
    return found;
  }

  /** Replaces the sandbox's faults. */
  async faults(rules: readonly object[]): Promise<void> {
    const response = await fetch(`${this.sandboxProcess.url}/_faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rules),
    });
    if (!response.ok) throw new Error(`The sandbox refused the faults: ${await response.text()}`);
  }

  /** Asks Redis something, straight and at once; undefined where it does not answer. */
  async askRedis(...command: readonly [string, ...(string | number)[]]): Promise<unknown> {
    const client = new Redis(this.redis.url, { maxRetriesPerRequest: 1, commandTimeout: 2_000, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      return await client.call(...command);
    } catch {
      return undefined;
    } finally {
      client.disconnect();
    }
  }

  async flushRedis(): Promise<void> {
    await this.askRedis('FLUSHALL');
  }

  /** Ends Postgres at once, whatever it does, and starts it again on the same data; one at a time. */
  restartPostgres(): Promise<void> {
    this.restarting = this.restarting.then(() => this.endAndStartPostgres());
    return this.restarting;
  }

  private async endAndStartPostgres(): Promise<void> {
    const { port } = this.postgres;
    await this.postgres.kill('SIGQUIT');
    this.postgres = await startPostgres({ password: PASSWORD, settings: POSTGRES_SETTINGS, port, dataDir: join(this.folder, 'postgres') });
  }

  /** Ends all faults and waits until every process is ready. */
  async heal(): Promise<void> {
    await this.redis.resume();
    await this.askRedis('REPLICAOF', 'NO', 'ONE');
    await this.askRedis('CONFIG', 'SET', 'maxmemory', 0);
    for (const link of this.links.values()) link.pass();
    for (const one of this.processes.values()) one.heal();
    await this.faults([]);
    await this.ready();
  }

  async ready(): Promise<void> {
    await Promise.all([...this.processes.values()].map((one) => one.ready()));
  }

  /** Ends everything; `keep` leaves the logs and the ledger behind. Slots that did not end in order are given back. */
  async stop(keep = false): Promise<Slot[]> {
    for (const link of this.links.values()) link.pass();
    const ended = await Promise.all([...this.processes].map(async ([slot, one]) => ({ slot, inOrder: await one.stop() })));
    await Promise.all([this.sandboxProcess.stop(), this.nginx?.stop(), this.pool.end()]);
    await Promise.all([...this.links.values()].map((link) => link.stop()));
    await Promise.all([this.redis.stop(), this.postgres.stop()]);
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
    return ended.flatMap(({ slot, inOrder }) => (inOrder ? [] : [slot]));
  }
}
