/** The one channel; every process that wants to hear of changes listens to it. */
export const CHANGE_CHANNEL = 'deptracker_changes';

export const SETTING_KINDS = ['project', 'environment', 'configuration', 'channel_mapping', 'template'] as const;

/** What people set, in contrast to what happens. */
export type SettingKind = (typeof SETTING_KINDS)[number];

/** What can change. A kind that a process does not know comes from a newer one and concerns nobody here. */
const CHANGE_KINDS = ['deployment', ...SETTING_KINDS] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What is told of a change: enough to know what to read anew, never the content. */
export interface ChangeNotice {
  readonly kind: ChangeKind;
  readonly id: string;
  readonly revision: number;
}

/** A payload must stay below 8,000 bytes (https://www.postgresql.org/docs/current/sql-notify.html). */
const MOST_BYTES = 7_900;

/** Notices as payloads, as few as hold them. */
export function toPayloads(notices: readonly ChangeNotice[]): string[] {
  const payloads: string[] = [];
  let gathered: string[] = [];
  let bytes = 2;
  for (const { kind, id, revision } of notices) {
    const one = JSON.stringify([kind, id, revision]);
    const more = Buffer.byteLength(one) + 1;
    if (gathered.length > 0 && bytes + more > MOST_BYTES) {
      payloads.push(`[${gathered.join(',')}]`);
      [gathered, bytes] = [[], 2];
    }
    gathered.push(one);
    bytes += more;
  }
  return gathered.length === 0 ? payloads : [...payloads, `[${gathered.join(',')}]`];
}

function toNotice(row: unknown): ChangeNotice[] {
  if (!Array.isArray(row)) return [];
  const [name, id, revision] = row as readonly unknown[];
  const kind = CHANGE_KINDS.find((one) => one === name);
  return kind !== undefined && typeof id === 'string' && typeof revision === 'number' ? [{ kind, id, revision }] : [];
}

/** Reads a payload; whatever in it is not ours is left out. */
export function fromPayload(payload: string | undefined): ChangeNotice[] {
  try {
    const rows: unknown = JSON.parse(payload ?? '');
    return Array.isArray(rows) ? rows.flatMap(toNotice) : [];
  } catch {
    return [];
  }
}
