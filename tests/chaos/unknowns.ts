import type pg from 'pg';

/** Creating requests whose outcome nobody knew, and how each ended. */
export interface Unknowns {
  /** The thing was found outside. */
  readonly found: number;
  /** It was surely not there, and was sent once more. */
  readonly sentAgain: number;
  /** It waits for a person, or is given up. */
  readonly held: number;
  readonly dead: number;
  readonly open: number;
}

interface Step {
  readonly effect_id: string;
  readonly before: string;
  readonly after: string;
  readonly fence: number;
}

export const NO_UNKNOWNS: Unknowns = { found: 0, sentAgain: 0, held: 0, dead: 0, open: 0 };

/** Adds up what several runs have counted. */
export function addUnknowns(a: Unknowns, b: Unknowns): Unknowns {
  return { found: a.found + b.found, sentAgain: a.sentAgain + b.sentAgain, held: a.held + b.held, dead: a.dead + b.dead, open: a.open + b.open };
}

const ENDS: Readonly<Record<string, keyof Unknowns>> = { sent: 'found', unsent: 'sentAgain', held: 'held', dead: 'dead' };

/** Reads what the trigger has noted of these effects: a request is unknown once somebody else claims it or it is said so. */
export async function countUnknowns(pool: pg.Pool, effectIds: readonly string[]): Promise<Unknowns> {
  const { rows } = await pool.query<Step>(
    'SELECT effect_id, before, after, fence FROM chaos_phases WHERE effect_id = ANY($1::uuid[]) ORDER BY effect_id, n',
    [effectIds],
  );
  const counts: Record<keyof Unknowns, number> = { ...NO_UNKNOWNS };
  const open = new Map<string, { fence: number; unknown: boolean }>();
  for (const { effect_id: id, before, after, fence } of rows) {
    if (after === 'sending' && before !== 'sending') open.set(id, { fence, unknown: false });
    const request = open.get(id);
    if (request === undefined) continue;
    if (after === 'unknown' || fence !== request.fence) request.unknown = true;
    const end = ENDS[after];
    if (end === undefined) continue;
    if (request.unknown) counts[end] += 1;
    open.delete(id);
  }
  counts.open += [...open.values()].filter(({ unknown }) => unknown).length;
  return counts;
}
