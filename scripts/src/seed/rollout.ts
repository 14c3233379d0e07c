import { HOUR, MINUTE } from './calendar.js';
import type { EnvironmentName, SeedProject } from './landscape.js';
import type { Random } from './random.js';
import type { Story } from './story.js';

const REJECTIONS = [
  'Error rate on staging is up since this morning, please look first.',
  'Not before the campaign ends on Friday.',
  'The migration needs a second pair of eyes.',
  'Wrong branch: this does not contain the fix.',
  'On-call is stretched already, tomorrow please.',
  'Release notes are missing.',
] as const;
const APPROVALS = ['Looks good.', 'Checked the dashboards.', 'Go ahead, I am watching.', 'Discussed in stand-up.'] as const;
const SECOND = 1_000;

/** How long an approval takes: mostly minutes, sometimes until after lunch or the next morning. */
const decisionWait = (random: Random): number => random.logNormal(9, 1.2) * MINUTE;

function askApproval(random: Random, story: Story, project: SeedProject): void {
  const { deployment } = story;
  const approver = random.pick(project.team.people.filter((person) => person !== deployment.requestedBy));
  const wait = Math.min(decisionWait(random), 23 * HOUR);
  const what = random.next();
  if (what < 0.012) story.lapse(random.whole(1, 59) * SECOND);
  else if (what < 0.022) story.move('cancelled', deployment.requestedBy, story.at + Math.round(wait));
  else if (what < 0.05) story.decide(approver, 'reject', random.pick(REJECTIONS), story.at + Math.round(wait));
  else story.decide(approver, 'approve', random.chance(0.12) ? random.pick(APPROVALS) : null, story.at + Math.round(wait));
}

function describe(random: Random, story: Story): void {
  const at = story.at + random.whole(5, 50) * SECOND;
  story.edit({ links: [...story.deployment.links, { title: 'Dashboard', url: `https://grafana.example.com/d/${random.hex(9)}` }] }, null, at);
}

function finish(random: Random, story: Story, project: SeedProject, environment: EnvironmentName): void {
  const startedAt = story.at;
  const slowness = environment === 'production' ? 1.6 : 1;
  const longest = story.deployment.timeoutSeconds * SECOND - MINUTE;
  const took = Math.round(Math.min(longest, Math.max(20 * SECOND, random.logNormal(project.rolloutMs * slowness, 0.45))));
  const fragility = environment === 'production' ? project.fragility * 0.6 : project.fragility;
  const what = random.next();
  if (what < 0.004) {
    story.lapse(random.whole(1, 59) * SECOND);
    return;
  }
  if (random.chance(0.05)) describe(random, story);
  const early = Math.max(story.at + SECOND, startedAt + Math.round(took * (0.2 + 0.7 * random.next())));
  if (what < 0.01) story.move('cancelled', story.deployment.requestedBy, early);
  else if (what < 0.01 + fragility) story.move('failed', null, early);
  else story.move('succeeded', null, Math.max(story.at + SECOND, startedAt + took));
}

/** Lets a new deployment live to its end. */
export function rollOut(random: Random, story: Story, project: SeedProject, environment: EnvironmentName): void {
  if (story.status === 'pending') askApproval(random, story, project);
  if (story.status !== 'approved') return;
  const mayLapse = story.deployment.approval.status === 'approved';
  if (mayLapse && random.chance(0.004)) {
    story.lapse(random.whole(1, 59) * SECOND);
    return;
  }
  const wait = Math.min(random.logNormal(mayLapse ? 40 : 8, 0.8), 3_600) * SECOND;
  story.move('in_progress', null, story.at + Math.max(SECOND, Math.round(wait)));
  finish(random, story, project, environment);
}
