import type { Random } from './random.js';

/** Who builds and asks, at which hours. */
export interface Team {
  readonly name: string;
  readonly channelId: string;
  readonly people: readonly string[];
  /** Hours that its clocks are ahead of UTC. */
  readonly utcOffset: number;
  readonly source: string;
}

export interface SeedProject {
  readonly key: string;
  readonly name: string;
  readonly team: Team;
  readonly versions: 'semver' | 'tagged' | 'date';
  /** How much more often than others it is deployed. */
  readonly weight: number;
  /** Milliseconds of a usual rollout. */
  readonly rolloutMs: number;
  /** How often a rollout fails. */
  readonly fragility: number;
}

const AREAS = [
  'payments', 'checkout', 'search', 'catalog', 'identity', 'orders', 'shipping', 'billing', 'notifications', 'inventory', 'pricing',
  'recommendations', 'reviews', 'analytics', 'fraud', 'customer', 'loyalty', 'returns', 'media', 'gateway',
] as const;
const PARTS = ['api', 'web', 'worker', 'service', 'gateway', 'importer', 'admin', 'scheduler'] as const;
const FIRST = ['ada', 'alan', 'anna', 'ben', 'carla', 'chen', 'dario', 'elif', 'emma', 'felix', 'grace', 'hugo', 'ines', 'jonas', 'kofi', 'lena', 'mara', 'nils', 'olga', 'priya', 'rosa', 'sami', 'tariq', 'vera', 'yuki', 'zoe'] as const;
const LAST = ['abbott', 'becker', 'costa', 'diaz', 'eriksen', 'fischer', 'gupta', 'haddad', 'ito', 'jansen', 'kaya', 'lopez', 'meyer', 'novak', 'okafor', 'petrov', 'quinn', 'rossi', 'silva', 'tanaka', 'weber'] as const;
const TEAMS = ['Payments', 'Storefront', 'Search', 'Identity', 'Fulfilment', 'Growth', 'Platform', 'Data', 'Customer Care', 'Content'] as const;
const OFFSETS = [0, 1, 1, 1, 2, -5, -8, 5] as const;
const SOURCES = ['github-actions', 'github-actions', 'gitlab-ci', 'jenkins'] as const;

function makeTeam(random: Random, index: number): Team {
  const round = Math.floor(index / TEAMS.length);
  const people = new Set<string>();
  while (people.size < 6) people.add(`${random.pick(FIRST)}.${random.pick(LAST)}@example.com`);
  return {
    name: `${TEAMS[index % TEAMS.length]}${round === 0 ? '' : ` ${round + 1}`}`,
    channelId: `C0SEED${String(index + 1).padStart(4, '0')}`,
    people: [...people],
    utcOffset: random.pick(OFFSETS),
    source: random.pick(SOURCES),
  };
}

const titled = (key: string): string =>
  key.split('-').map((word) => (word === 'api' ? 'API' : `${word.charAt(0).toUpperCase()}${word.slice(1)}`)).join(' ');

/** Projects of teams; some are deployed many times as often as others. */
export function makeProjects(random: Random, count: number): SeedProject[] {
  const first = makeTeam(random, 0);
  const teams = [first, ...Array.from({ length: Math.max(0, Math.round(count / 4) - 1) }, (_, index) => makeTeam(random, index + 1))];
  return Array.from({ length: count }, (_, index): SeedProject => {
    const area = AREAS[index % AREAS.length] ?? '';
    const lap = Math.floor(index / AREAS.length);
    const part = PARTS[(index + lap) % PARTS.length] ?? '';
    const round = Math.floor(lap / PARTS.length);
    const key = `${area}-${part}${round === 0 ? '' : `-${round + 1}`}`;
    return {
      key,
      name: titled(key),
      team: teams[index % teams.length] ?? first,
      versions: random.pick(['semver', 'semver', 'semver', 'tagged', 'date'] as const),
      weight: 1 / (1 + random.whole(0, count - 1)) ** 0.6,
      rolloutMs: random.logNormal(6, 0.5) * 60_000,
      fragility: Math.min(0.25, random.logNormal(0.05, 0.6)),
    };
  });
}

/** Where they go. Only production asks for approval. */
export const ENVIRONMENTS = [
  { name: 'development', rank: 10, production: false, approvalsRequired: 0, timeoutSeconds: 3_600 },
  { name: 'staging', rank: 20, production: false, approvalsRequired: 0, timeoutSeconds: 3_600 },
  { name: 'production', rank: 30, production: true, approvalsRequired: 1, timeoutSeconds: 7_200 },
] as const;

export type EnvironmentName = (typeof ENVIRONMENTS)[number]['name'];
