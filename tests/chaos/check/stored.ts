import type { EFFECT_KINDS, EventType, Status } from '@deptracker/domain';
import type pg from 'pg';

export interface DeploymentRow {
  readonly id: string;
  readonly revision: number;
  readonly project: string;
  readonly environment: string;
  readonly version: string;
  readonly description: string | null;
  readonly requested_by: string | null;
  readonly source: string | null;
  readonly external_id: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: Status;
  readonly approval_status: string;
  readonly approvals_required: number;
  readonly approval_expires_at: Date | null;
  readonly created_at: Date;
  readonly eligible: readonly string[] | null;
}

export interface EffectRow {
  readonly id: string;
  readonly kind: keyof typeof EFFECT_KINDS;
  readonly deployment_id: string | null;
  readonly event_revision: number;
  readonly parent_id: string | null;
  readonly phase: string;
  readonly sends: number;
  readonly desired_revision: number;
  readonly applied_revision: number;
  readonly next_attempt_at: Date | null;
  readonly last_error: string | null;
  readonly external_id: string | null;
  readonly extra_ids: readonly string[];
}

export interface EventRow {
  readonly id: string;
  readonly deployment_id: string;
  readonly revision: number;
  readonly type: EventType;
  readonly actor: string | null;
  readonly at: Date;
  readonly data: { readonly from?: Status; readonly to?: Status; readonly decision?: { readonly actor: string; readonly decision: string } };
}

/** What the product believes to stand in Jira, and in Slack. */
interface TicketRow {
  readonly deployment_id: string;
  readonly effect_id: string;
  readonly issue_id: string;
  readonly key: string;
  readonly url: string;
  readonly status_category: string | null;
}

interface MessageRow {
  readonly effect_id: string;
  readonly ts: string;
}

/** A step of an effect, as a trigger beside the product has noted it; one that stays in its phase is a claim to look. */
export interface Step {
  readonly effect_id: string;
  readonly before: string;
  readonly after: string;
  /** It counts a request that is about to be sent. */
  readonly intent: boolean;
  readonly at: Date;
}

/** A setting of which an event tells. */
interface SettingRow {
  readonly subject_id: string;
  readonly revision: number;
  readonly type: string;
}

interface DecisionRow {
  readonly deployment_id: string;
  readonly actor: string;
  readonly decision: 'approve' | 'reject';
}

/** What the product has stored of one project. */
export interface Stored {
  readonly deployments: readonly DeploymentRow[];
  readonly effects: readonly EffectRow[];
  readonly events: readonly EventRow[];
  readonly decisions: readonly DecisionRow[];
  readonly tickets: readonly TicketRow[];
  readonly messages: readonly MessageRow[];
  /** Of effects that were sent again or given up, oldest first. */
  readonly steps: readonly Step[];
  /** Of the project itself. */
  readonly settings: readonly SettingRow[];
}

/** Reads all of a project in one snapshot. */
export async function readStored(pool: pg.Pool, project: string): Promise<Stored> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const deployments = await client.query<DeploymentRow>('SELECT * FROM deployments WHERE project = $1 ORDER BY id', [project]);
    const mine = 'deployment_id IN (SELECT id FROM deployments WHERE project = $1)';
    const effects = await client.query<EffectRow>(
      `SELECT * FROM effects WHERE ${mine} OR id IN (SELECT parent_id FROM effects WHERE kind = 'slack.notice' AND ${mine}) ORDER BY deployment_id, event_revision`,
      [project],
    );
    const events = await client.query<EventRow>(`SELECT * FROM events WHERE ${mine} ORDER BY deployment_id, revision`, [project]);
    const decisions = await client.query<DecisionRow>(`SELECT * FROM decisions WHERE ${mine} ORDER BY at, actor`, [project]);
    const tickets = await client.query<TicketRow>(`SELECT * FROM jira_tickets WHERE ${mine}`, [project]);
    const messages = await client.query<MessageRow>('SELECT effect_id, ts FROM slack_messages WHERE effect_id = ANY ($1::uuid[])', [effects.rows.map(({ id }) => id)]);
    const doubtful = effects.rows.filter(({ phase, sends }) => sends > 1 || phase === 'held' || phase === 'dead').map(({ id }) => id);
    const steps = await client.query<Step>('SELECT * FROM chaos_phases WHERE effect_id = ANY ($1::uuid[]) ORDER BY n', [doubtful]);
    const settings = await client.query<SettingRow>(`SELECT * FROM setting_events WHERE subject_kind = 'project' AND subject_id = $1`, [project]);
    await client.query('COMMIT');
    return {
      deployments: deployments.rows,
      effects: effects.rows,
      events: events.rows,
      decisions: decisions.rows,
      tickets: tickets.rows,
      messages: messages.rows,
      steps: steps.rows,
      settings: settings.rows,
    };
  } finally {
    client.release();
  }
}

/** Nothing is to be done any more for this row. */
export function isSettled({ kind, phase, parent_id, desired_revision, applied_revision, next_attempt_at, extra_ids }: EffectRow): boolean {
  if (phase === 'dead' || phase === 'held') return true;
  if (kind === 'slack.notice') return phase === 'sent' && parent_id !== null;
  return phase === 'sent' && applied_revision >= desired_revision && extra_ids.length === 0 && next_attempt_at === null;
}

