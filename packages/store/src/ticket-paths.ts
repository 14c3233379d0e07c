import type { Bind } from './deployment-filter.js';
import type { Phase } from './effect-row.js';

/** Filters of a list; all that are given must hold. `from` is inclusive, `to` exclusive. */
export interface TicketFilter {
  readonly deployment?: string;
  /** Of the deployment. */
  readonly project?: string;
  readonly status?: string;
  readonly phase?: Phase;
  readonly key?: string;
  readonly from?: Date;
  readonly to?: Date;
}

/** Kinds of effect that are tickets. */
export const TICKET_KINDS = ['jira.ticket', 'jira.issue'] as const;
/** Says so of an effect `e`. */
export const IS_TICKET = `e.kind IN ('${TICKET_KINDS.join("', '")}')`;

const FACETS = ['deployment', 'project', 'status', 'phase', 'key'] as const;

// A row of another table is looked up where the path does not pass it, and only where it is asked for. Never as a join, for
// which the planner might read that table whole.
const OF_EFFECTS = {
  deployment: 'e.deployment_id',
  project: '(SELECT project FROM deployments WHERE id = e.deployment_id)',
  status: '(SELECT status FROM jira_tickets WHERE effect_id = e.id)',
  phase: 'e.phase',
  key: '(SELECT key FROM jira_tickets WHERE effect_id = e.id)',
};
const OF_TICKETS = {
  deployment: 't.deployment_id',
  project: '(SELECT project FROM deployments WHERE id = t.deployment_id)',
  status: 't.status',
  phase: '(SELECT phase FROM effects WHERE id = t.effect_id)',
  key: 't.key',
};

type Facet = (typeof FACETS)[number];

/** A way to look for tickets, newest first: along an index on some facets. */
export interface Path {
  readonly serves: readonly Facet[];
  readonly at: string;
  readonly id: string;
  readonly from: string;
  readonly also: readonly string[];
  readonly columns: Readonly<Record<Facet, string>>;
  /** The id of the ticket's effect. */
  readonly effect: string;
}

const EFFECTS = { at: 'e.created_at', id: 'e.id', effect: 'e.id', from: 'effects e', columns: OF_EFFECTS };
const TICKETS = { at: 't.owed_at', id: 't.effect_id', effect: 't.effect_id', from: 'jira_tickets t', columns: OF_TICKETS };
const DEPLOYMENTS = { at: 'd.created_at', id: 'd.id' };

export const PATHS = {
  deployment: { ...EFFECTS, serves: ['deployment'], also: [IS_TICKET] },
  // By kind and phase, or all of them: merged from both kinds and the phase, or each phase.
  places: { ...EFFECTS, serves: ['phase'], also: [] },
  key: { ...TICKETS, serves: ['key'], also: [] },
  status: { ...TICKETS, serves: ['status'], also: [] },
  project: {
    ...DEPLOYMENTS,
    serves: ['project'],
    from: `deployments d LEFT JOIN LATERAL (SELECT * FROM effects WHERE deployment_id = d.id AND kind = 'jira.ticket' LIMIT 1) e ON true`,
    also: [],
    effect: 'e.id',
    columns: { ...OF_EFFECTS, project: 'd.project' },
  },
  // With a status, so that the effects of the other deployments need not be looked at.
  projectStatus: {
    ...DEPLOYMENTS,
    serves: ['project'],
    from: 'deployments d LEFT JOIN LATERAL (SELECT * FROM jira_tickets WHERE deployment_id = d.id LIMIT 1) t ON true',
    also: [],
    effect: 't.effect_id',
    columns: { ...OF_TICKETS, project: 'd.project' },
  },
} as const satisfies Record<string, Path>;

/**
 * The ways to read a list. A ticket is owed since its deployment is there, and `owed_at` repeats that beside the status: so the paths by status and
 * by phase have one order.
 */
export function pathsOf({ deployment, project, status, phase, key }: TicketFilter): readonly Path[] {
  if (deployment !== undefined) return [PATHS.deployment];
  if (key !== undefined) return [PATHS.key];
  if (project !== undefined) return [status === undefined ? PATHS.project : PATHS.projectStatus];
  if (status === undefined) return [PATHS.places];
  return phase === undefined ? [PATHS.status] : [PATHS.status, PATHS.places];
}

/** What the path leaves to be looked at: the other filters, and whether a deployment has a ticket at all. */
export function fitting(filter: TicketFilter, { serves, effect, columns }: Path, bind: Bind): string[] {
  const others = FACETS.filter((facet) => filter[facet] !== undefined && !serves.includes(facet));
  return [...(serves.includes('project') ? [`${effect} IS NOT NULL`] : []), ...others.map((facet) => `${columns[facet]} = ${bind(filter[facet])}`)];
}
