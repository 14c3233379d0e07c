import type { Database } from '@deptracker/store';
import { waitFor } from '@deptracker/testkit';

export interface EffectRow {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly attempts: number;
  readonly sends: number;
  readonly desired_revision: number;
  readonly applied_revision: number;
  readonly last_error: string | null;
  readonly due: boolean;
}

/** A deployment's effects, by kind and event. */
export async function effectsOf(database: Database, deploymentId: string, kind = '%'): Promise<EffectRow[]> {
  return [
    ...(await database.query<EffectRow>(
      `SELECT id, kind, phase, attempts, sends, desired_revision, applied_revision, last_error,
         coalesce(next_attempt_at <= now(), false) AS due
       FROM effects WHERE deployment_id = $1 AND kind LIKE $2 ORDER BY kind, event_revision`,
      [deploymentId, kind],
    )),
  ];
}

/** The one effect of this kind. */
export async function effectOf(database: Database, deploymentId: string, kind: string): Promise<EffectRow> {
  const [row, ...others] = await effectsOf(database, deploymentId, kind);
  if (row === undefined || others.length > 0) throw new Error(`${deploymentId} has ${others.length} more than one ${kind}, or none`);
  return row;
}

/** Waits until everything that is owed to this target is settled. */
export async function settled(database: Database, target: 'jira' | 'slack', timeoutMs = 20_000): Promise<void> {
  let open: readonly object[] = [];
  const none = async (): Promise<boolean> => {
    open = await database.query(
      `SELECT kind, phase, applied_revision, desired_revision, last_error FROM effects
       WHERE target = $1 AND (phase <> 'sent' OR next_attempt_at <= now() OR lease_until > now()
         OR applied_revision < desired_revision OR cardinality(extra_ids) > 0)`,
      [target],
    );
    return open.length === 0;
  };
  await waitFor(none, { timeoutMs, what: 'every effect to settle' }).catch((error: unknown) => {
    throw new Error(`Not settled: ${JSON.stringify(open.slice(0, 5))}`, { cause: error });
  });
}
