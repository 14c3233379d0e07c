import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '@deptracker/domain';
import { waitFor } from '@deptracker/testkit';
import { type Verdict, check } from './check.js';
import { type Answer, Client, PEOPLE, type Person } from './client.js';
import { ChaosFleet, type FleetOptions } from './fleet/chaos-fleet.js';
import { History, newOrder } from './history.js';
import { Ledger } from './ledger.js';

const SETTLE_MS = Number(process.env['SETTLE_MS'] ?? 60_000);
const PATIENCE_MS = 60_000;

/** A fleet with careful callers, for a test of one fault. */
export class Scene {
  readonly ledger: Ledger;
  history = new History();
  project = '';
  private since = 0;
  private scenes = 0;
  private end = 0;

  private constructor(readonly fleet: ChaosFleet) {
    this.ledger = new Ledger(fleet.ledgerFile);
  }

  static async open(options: FleetOptions = {}): Promise<Scene> {
    return new Scene(await ChaosFleet.start(options));
  }

  /** A sound fleet and an empty record, for the next test. */
  async begin(patienceMs = PATIENCE_MS): Promise<void> {
    await this.fleet.heal();
    this.scenes += 1;
    this.project = `scene-${this.scenes}`;
    this.history = new History();
    this.since = this.ledger.read().seq;
    this.end = performance.now() + patienceMs;
  }

  get client(): Client {
    return this.clientOf();
  }

  /** Callers who wait so many milliseconds before they repeat a request. */
  clientOf(againMs?: number): Client {
    return new Client(this.fleet.url, this.history, () => performance.now() < this.end, againMs);
  }

  /** Orders one deployment, by itself in a way that may be repeated until it is answered. */
  async order(name: string, fields: Readonly<Record<string, unknown>> = {}, headers?: Readonly<Record<string, string>>): Promise<string> {
    const known = this.history.orders.find((order) => order.name === name);
    const body = { project: this.project, environment: 'production', version: name, description: `Order ${name}`, metadata: { name }, requestedBy: 'carol@example.com', ...fields };
    const order = known ?? newOrder(name, body, true);
    const id = await this.client.order(order, headers ?? { 'idempotency-key': `${this.project}-${name}` });
    if (id === null) throw new Error(`${name} was never answered.`);
    return id;
  }

  orders(count: number, name: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.order(`${name}-${index}`, fields)));
  }

  /** Presses a button as soon as the message stands outside, until the press is acknowledged. */
  async press(deploymentId: string, person: Person, decision: 'approve' | 'reject' = 'approve', twice = false): Promise<void> {
    const ts = await this.messageOf(deploymentId);
    await this.client.press({ deploymentId, email: PEOPLE[person], decision, acknowledged: false }, ts, person, twice);
  }

  /** The ts of the approval message that stands outside. */
  async messageOf(deploymentId: string, timeoutMs = 30_000): Promise<string> {
    return waitFor(
      async () => {
        const { rows } = await this.fleet.pool.query<{ id: string }>(`SELECT id FROM effects WHERE deployment_id = $1 AND kind = 'slack.approval'`, [deploymentId]);
        return this.ledger.read().postsOf(rows[0]?.id ?? '').find(({ deleted }) => !deleted)?.ts;
      },
      { timeoutMs, what: 'the approval message' },
    );
  }

  update(deploymentId: string, status: Status): Promise<void> {
    return this.client.update({ deploymentId, status, answer: null });
  }

  get(path: string): Promise<Answer | null> {
    return this.client.get(path);
  }

  /** What stands against it now; empty when all that was promised is kept and nothing is under way. */
  async verdict(): Promise<Verdict> {
    const verdict = await check(this.fleet.pool, this.ledger, this.history, this.project, this.since);
    if (verdict.duplicates === 0) return verdict;
    // No fault of a scene lets a vendor apply a request after the last look-up.
    return { ...verdict, problems: [...verdict.problems, `DUPLICATE: ${verdict.duplicates} had to be closed`] };
  }

  /** Waits until all that is owed is done, and judges. The milliseconds that it took. */
  async sound(timeoutMs = SETTLE_MS): Promise<Verdict & { readonly ms: number }> {
    const startedAt = performance.now();
    for (;;) {
      const verdict = await this.verdict();
      const ms = performance.now() - startedAt;
      if (verdict.problems.length === 0) return { ...verdict, ms };
      if (ms > timeoutMs) throw new Error(`After ${Math.round(ms)} ms:\n${verdict.problems.join('\n')}`);
      await delay(100);
    }
  }

  /** Waits until a process that an armed failpoint ends or stops has done so. */
  async until(what: string, probe: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
    await waitFor(probe, { timeoutMs, intervalMs: 20, what });
  }

  /** `keep` leaves the logs and the ledger behind. */
  async stop(keep = false): Promise<void> {
    if (keep) process.stdout.write(`The logs and the ledger are in ${this.fleet.folder}\n`);
    await this.fleet.stop(keep);
  }
}
