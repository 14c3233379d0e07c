/** The processes of the fleet. Each has a place of its own: when it dies, another takes the same place. */
export const SLOTS = ['api-1', 'api-2', 'jira-worker-1', 'jira-worker-2', 'slack-worker-1', 'slack-worker-2', 'metrics-cron-1', 'metrics-cron-2'] as const;

export type Slot = (typeof SLOTS)[number];

/** `api-1` runs `apps/api`. */
export const appOf = (slot: Slot): string => slot.slice(0, slot.lastIndexOf('-'));

/** What a process is connected to; `front` is nginx before an API, `vendor` the sandbox. */
export type Side = 'postgres' | 'redis' | 'vendor' | 'front';

export type LinkName = `${Slot}/${Side}`;

const SIDES: Readonly<Record<string, readonly Side[]>> = {
  api: ['front', 'postgres', 'redis', 'vendor'],
  'jira-worker': ['postgres', 'redis', 'vendor'],
  'slack-worker': ['postgres', 'redis', 'vendor'],
  'metrics-cron': ['postgres', 'redis'],
};

/** Every link of the fleet; each leads through a proxy of its own. */
export const LINKS: readonly LinkName[] = SLOTS.flatMap((slot) => (SIDES[appOf(slot)] ?? []).map((side): LinkName => `${slot}/${side}`));
