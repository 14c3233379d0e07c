import { DAY, HOUR, MINUTE, nextWorkingMoment, workingMoment } from './calendar.js';
import type { EnvironmentName, SeedProject } from './landscape.js';
import { Random } from './random.js';
import { type Change, type Makers, type Origin, deploy, makeChange } from './release.js';
import type { SeedSettings } from './settings.js';
import type { Story } from './story.js';
import { makeVersions } from './versions.js';

const WEEK = 7 * DAY;
/** Deployments a week and project, from which the number of weeks follows. */
const USUAL_PER_WEEK = 8;
const [FEWEST_WEEKS, MOST_WEEKS] = [4, 26];
/** Deployments that a change leads to, on average. */
const PER_CHANGE = 2;
/** How late a team far from UTC still works on a day. */
const LATE = 12 * HOUR;

/** What is known of a project while its history is made. */
interface Track {
  readonly project: SeedProject;
  readonly nextVersion: (at: number) => string;
  /** The last successes in production, of earlier weeks too. */
  standing: Story[];
}

class History {
  readonly #makers: Makers;
  readonly #tracks: readonly Track[];
  readonly #weights: readonly number[];
  readonly #most: number;
  #stories: Story[] = [];
  #made = 0;

  constructor(settings: SeedSettings, projects: readonly SeedProject[]) {
    const { seed, until, relationships } = settings;
    // Of other counts everything is another: ids too, so that two of them are never taken for one.
    const random = new Random(seed, `history of ${settings.deployments} ${projects.length} ${relationships}`);
    let number = 0;
    this.#makers = { random, number: () => (number += 1), seed, until: until.getTime(), relationships };
    this.#tracks = projects.map((project) => ({ project, nextVersion: makeVersions(random, project.versions), standing: [] }));
    this.#weights = projects.map(({ weight }) => weight);
    this.#most = settings.deployments;
  }

  /** Adds about `count` deployments that begin in a week, and gives them by their time. */
  week(start: number, count: number): Story[] {
    const { random } = this.#makers;
    this.#stories = [];
    const changes = Array.from({ length: Math.ceil(count / PER_CHANGE) }, () => {
      const track = this.#tracks[random.weighted(this.#weights)];
      return { track, at: workingMoment(random, start, track?.project.team.utcOffset ?? 0) };
    });
    for (const { track, at } of changes.sort((a, b) => a.at - b.at)) if (track !== undefined) this.#bring(track, at);
    if (this.#makers.relationships) for (const track of this.#tracks) this.#goBack(track, start + WEEK - LATE);
    const time = (story: Story): number => story.deployment.createdAt.getTime();
    return this.#stories.sort((a, b) => time(a) - time(b));
  }

  get missing(): number {
    return this.#most - this.#made;
  }

  #deploy(track: Track, environment: EnvironmentName, change: Change, at: number, origin: Origin = {}, before = Infinity): Story | null {
    if (this.missing === 0) return null;
    const makers = { ...this.#makers, until: Math.min(this.#makers.until, before) };
    const story = deploy(makers, track.project, environment, change, at, origin);
    if (story === null) return null;
    this.#made += 1;
    this.#stories.push(story);
    return story;
  }

  /** Deploys until it works, or until nobody tries again. */
  #insist(track: Track, environment: EnvironmentName, change: Change, at: number, origin?: Origin): Story | null {
    const { random } = this.#makers;
    let story = this.#deploy(track, environment, change, at, origin);
    for (let tries = 0; tries < 2 && story?.status === 'failed' && random.chance(0.7); tries += 1) {
      story = this.#deploy(track, environment, change, story.at + random.whole(3, 45) * MINUTE, { retryOf: story.deployment });
    }
    return story?.status === 'succeeded' ? story : null;
  }

  /** A change on its way: development now and then, staging always, production for most. */
  #bring(track: Track, at: number): void {
    const { random } = this.#makers;
    const { project } = track;
    const change = makeChange(random, project, track.nextVersion(at));
    const dev = random.chance(0.2) ? this.#deploy(track, 'development', change, at) : null;
    const staging = this.#insist(track, 'staging', change, dev === null ? at : dev.at + random.whole(5, 90) * MINUTE);
    if (staging === null || !random.chance(0.72)) return;
    const ready = nextWorkingMoment(random, staging.at + Math.round(random.logNormal(50, 1) * MINUTE), project.team.utcOffset);
    const production = this.#insist(track, 'production', change, ready, { promotedFrom: staging.deployment });
    if (production !== null) track.standing.push(production);
  }

  /** Some of what has succeeded in production is taken back, where nothing followed it meanwhile. */
  #goBack(track: Track, before: number): void {
    const { random } = this.#makers;
    const finished = (story: Story): number => story.deployment.finishedAt?.getTime() ?? 0;
    const fresh = new Set(this.#stories);
    const standing = track.standing.sort((a, b) => finished(a) - finished(b));
    for (const [index, bad] of standing.entries()) {
      const at = finished(bad) + Math.round(random.logNormal(14, 0.6) * MINUTE);
      const next = standing[index + 1];
      const earlier = standing.slice(0, index).findLast((one) => one.status === 'succeeded' && one.deployment.version !== bad.deployment.version);
      if (!fresh.has(bad) || earlier === undefined || !random.chance(0.045)) continue;
      const change = { ...makeChange(random, track.project, earlier.deployment.version), requestedBy: random.pick(track.project.team.people) };
      const origin = { rollback: { of: bad.deployment, earlier: earlier.deployment } };
      // Nobody else may succeed before the way back is ended.
      const back = this.#deploy(track, 'production', change, at, origin, next === undefined ? before : Math.min(before, finished(next) - 1));
      if (back?.status === 'succeeded') bad.rolledBack(back.deployment);
    }
    track.standing = standing.slice(-5);
  }
}

/** Weeks of deployments up to `until`, as many as were asked for, week by week in the order of time. */
export function* makeHistory(settings: SeedSettings, projects: readonly SeedProject[]): Generator<readonly Story[]> {
  const { deployments } = settings;
  const history = new History(settings, projects);
  const random = new Random(settings.seed, 'weeks');
  const weeks = Math.min(MOST_WEEKS, Math.max(FEWEST_WEEKS, Math.round(deployments / projects.length / USUAL_PER_WEEK)));
  // Each week somewhat more than the one before.
  const shares = Array.from({ length: weeks }, (_, index) => (1 + (0.6 * index) / weeks) * (0.85 + 0.3 * random.next()));
  const all = shares.reduce((sum, share) => sum + share, 0);
  const end = Math.ceil(settings.until.getTime() / DAY) * DAY;
  for (const [index, share] of shares.entries()) {
    const start = end - (weeks - index) * WEEK;
    yield history.week(start, (deployments * share) / all);
    // What is missing at the end goes into the last week.
    while (index === weeks - 1 && history.missing > 0) yield history.week(start, history.missing);
  }
}
