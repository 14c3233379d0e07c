import { EFFECT_KINDS, type EffectKind } from '@deptracker/domain';
import type { Queryable } from './database.js';
import { PHASES, type Phase } from './effect-row.js';
import { type Bind, all, span } from './deployment-filter.js';
import { type EffectPlaces, MERGED, mergedEffects, stepOver } from './merge-effects.js';
import { type Position, asInstant } from './position.js';
import { type Looked, type Step, type Walked, cutPage, walkAll, walkedTo, walking } from './walk.js';

/** Filters of a list; all that are given must hold. `from` is inclusive, `to` exclusive, both on when it came to be owed. */
export interface SlackMessageFilter {
  readonly deployment?: string;
  readonly kind?: EffectKind;
  readonly channelId?: string;
  readonly phase?: Phase;
  readonly from?: Date;
  readonly to?: Date;
}

/** What is or was owed to Slack, with where it stands as far as that is known. A notice stands where its digest stands. */
export interface SlackMessage {
  readonly id: string;
  readonly deploymentId: string | null;
  readonly kind: EffectKind;
  readonly channelId: string;
  readonly ts: string | null;
  readonly threadTs: string | null;
  readonly phase: Phase;
  readonly lastError: string | null;
  readonly owedAt: Date;
  readonly postedAt: Date | null;
  readonly updatedAt: Date;
}

type Row = SlackMessage & Looked & { readonly position: string };

const COLUMN_OF = { deployment: 'e.deployment_id', kind: 'e.kind', channelId: 'e.destination', phase: 'e.phase' } as const;
type Facet = keyof typeof COLUMN_OF;
const FACETS = Object.keys(COLUMN_OF) as Facet[];

const POSITION = `${asInstant('w.at')} AS position`;

const COLUMNS = `w.id, w.deployment_id AS "deploymentId", w.kind, coalesce(m.channel_id, w.destination) AS "channelId", m.ts,
  m.thread_ts AS "threadTs", w.phase, w.last_error AS "lastError", w.at AS "owedAt", m.posted_at AS "postedAt",
  w.updated_at AS "updatedAt"`;

const STANDING = `slack_messages AS m ON m.effect_id = CASE WHEN w.kind = 'slack.notice' THEN w.parent_id ELSE w.id END`;

const KINDS = (Object.keys(EFFECT_KINDS) as EffectKind[]).filter((kind) => EFFECT_KINDS[kind] === 'slack');

/** Ways to read them newest first, and the facets that each serves: along an index, or value by value. */
const PATHS = { deployment: ['deployment'], channel: ['channelId'], places: ['kind', 'phase'] } as const satisfies Record<string, readonly Facet[]>;
type Path = keyof typeof PATHS;

/** What belongs to one deployment is little. */
function pathsOf({ deployment, channelId, kind, phase }: SlackMessageFilter): Path[] {
  if (deployment !== undefined) return ['deployment'];
  if (channelId === undefined) return ['places'];
  return kind === undefined && phase === undefined ? ['channel'] : ['channel', 'places'];
}

const placesOf = ({ kind, phase }: SlackMessageFilter): EffectPlaces => ({
  kinds: kind === undefined ? KINDS : [kind],
  phases: phase === undefined ? PHASES : [phase],
});

async function walkPath(db: Queryable, path: Path, filter: SlackMessageFilter, wanted: Step): Promise<Walked<Row>> {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const equals = (facets: readonly Facet[]): string[] =>
    facets.filter((facet) => filter[facet] !== undefined).map((facet) => `${COLUMN_OF[facet]} = ${bind(filter[facet])}`);
  const served: readonly Facet[] = PATHS[path];
  const fits = equals(FACETS.filter((facet) => !served.includes(facet)));
  const step = path === 'places' ? stepOver(placesOf(filter), wanted) : wanted;
  const from =
    path === 'places'
      ? mergedEffects(placesOf(filter), span(filter, step.after, bind, MERGED), fits.length === 0 ? step.max : step.steps, bind)
      : `effects e WHERE ${all([`e.target = 'slack'`, ...equals(served), ...span(filter, step.after, bind, { at: 'e.created_at', id: 'e.id' })])}`;
  const looked = `SELECT e.created_at AS at, e.id, ${all(fits)} AS fits, e.deployment_id, e.kind, e.destination, e.parent_id, e.phase,
    e.last_error, e.updated_at FROM ${from} ORDER BY e.created_at DESC, e.id DESC`;
  const rows = await db.query<Row>(
    `SELECT ${COLUMNS}, ${POSITION}, w.fits, w.last FROM ${walking(looked, step, fits.length === 0)} LEFT JOIN ${STANDING} ORDER BY w.at DESC, w.id DESC`,
    values,
  );
  return walkedTo(rows, step.max, positionOf);
}

const positionOf = ({ position, id }: Row): Position => ({ createdAt: position, id });

/**
 * A page of what is owed to Slack, newest first, and the position after which the next one goes on; null at the end. Where
 * of many rows very few fit, it may hold fewer than `limit` and still not be the last.
 */
export async function listSlackMessages(
  db: Queryable,
  filter: SlackMessageFilter,
  { after, limit }: { readonly after: Position | null; readonly limit: number },
): Promise<{ readonly messages: SlackMessage[]; readonly next: Position | null }> {
  const found = await walkAll(pathsOf(filter), (path, step) => walkPath(db, path, filter, step), after, limit + 1);
  const { rows, until } = cutPage(found, limit, positionOf);
  return { messages: [...rows], next: until };
}
