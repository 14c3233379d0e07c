import { type Deployment, type DeploymentRequest, type LinkedRequest, type Policy, promotion, rollback } from '@deptracker/domain';
import { ENVIRONMENTS, type EnvironmentName, type SeedProject } from './landscape.js';
import type { Random } from './random.js';
import { rollOut } from './rollout.js';
import { Story } from './story.js';

const CHANGES = ['Fix', 'Speed up', 'Rework', 'Add metrics to', 'Harden', 'Simplify', 'Translate', 'Update dependencies of'] as const;
const THINGS = ['the retry of timed out calls', 'the export', 'the health check', 'session handling', 'rounding of totals', 'the cache', 'the queue consumer', 'address validation', 'the empty state', 'feature flags'] as const;

export interface Makers {
  readonly random: Random;
  /** The number of the next deployment: its external id, and how many there are. */
  readonly number: () => number;
  readonly seed: number;
  /** Nothing happens later. */
  readonly until: number;
  readonly relationships: boolean;
}

function policyOf(environment: EnvironmentName): Policy {
  const known = ENVIRONMENTS.find(({ name }) => name === environment);
  const [approvalsRequired, timeoutSeconds] = [known?.approvalsRequired ?? 0, known?.timeoutSeconds ?? 3_600];
  return { revision: 1, approvalsRequired, eligible: null, requesterMayApprove: false, approvalTtlSeconds: 86_400, timeoutSeconds };
}

/** What a release brings, the same in each environment. */
export interface Change {
  readonly version: string;
  readonly commitSha: string;
  readonly ref: string;
  readonly description: string;
  readonly requestedBy: string | null;
}

export function makeChange(random: Random, project: SeedProject, version: string): Change {
  const ticket = `${project.team.name.slice(0, 3).toUpperCase()}-${random.whole(100, 9_999)}`;
  return {
    version,
    commitSha: random.hex(40),
    ref: random.chance(0.85) ? 'main' : random.chance(0.5) ? `hotfix/${ticket}` : `release/${version}`,
    description: `${random.pick(CHANGES)} ${random.pick(THINGS)} (${ticket})`,
    requestedBy: random.chance(0.04) ? null : random.pick(project.team.people),
  };
}

/** How one deployment comes from others. */
export interface Origin {
  readonly retryOf?: Deployment;
  readonly promotedFrom?: Deployment;
  readonly rollback?: { readonly of: Deployment; readonly earlier: Deployment };
}

/** How the external ids of all deployments of a seed begin. */
export const externalIds = (seed: number): string => `seed-${seed}-`;

function requestOf(makers: Makers, project: SeedProject, environment: EnvironmentName, change: Change, origin: Origin): DeploymentRequest {
  const { random, seed, relationships } = makers;
  const run = `${externalIds(seed)}${makers.number()}`;
  const asked: LinkedRequest = {
    description: origin.rollback === undefined ? change.description : 'Error rate rose after the rollout',
    requestedBy: change.requestedBy,
    source: project.team.source,
    externalId: run,
    links: [{ title: 'Pipeline', url: `https://ci.example.com/${project.key}/runs/${run}` }],
    metadata: { build: random.whole(100, 99_999), changes: random.whole(1, 14) },
  };
  if (origin.rollback !== undefined) return rollback(origin.rollback.of, asked, { version: null, earlier: origin.rollback.earlier, successor: null });
  if (origin.promotedFrom !== undefined && relationships) return promotion(origin.promotedFrom, asked, environment);
  const { version, commitSha, ref } = change;
  const retryOf = relationships ? (origin.retryOf?.id ?? null) : null;
  return { project: project.key, environment, version, commitSha, ref, ...asked, retryOf, rollbackOf: null, promotedFrom: null };
}

/** One deployment from its creation at `at` to its end; null where that would come too late. */
export function deploy(makers: Makers, project: SeedProject, environment: EnvironmentName, change: Change, at: number, origin: Origin = {}): Story | null {
  const { random, until } = makers;
  if (at >= until) return null;
  const request = requestOf(makers, project, environment, change, origin);
  const story = new Story(
    { id: random.uuid(at), request, policy: policyOf(environment), channelId: project.team.channelId, at },
    (moment) => random.uuid(moment),
  );
  rollOut(random, story, project, environment);
  return story.at > until ? null : story;
}
