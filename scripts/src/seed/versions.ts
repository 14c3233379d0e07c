import type { SeedProject } from './landscape.js';
import type { Random } from './random.js';

/** Gives a project's versions, one after the other, in the way that it counts. */
export function makeVersions(random: Random, style: SeedProject['versions']): (at: number) => string {
  let [major, minor, patch] = [random.whole(0, 4), random.whole(0, 30), random.whole(0, 9)];
  let [day, build] = ['', 0];
  return (at) => {
    if (style === 'date') {
      const today = new Date(at).toISOString().slice(0, 10).replaceAll('-', '.');
      [day, build] = [today, today === day ? build + 1 : 1];
      return `${day}-${build}`;
    }
    const step = random.weighted([70, 27, 1]);
    if (step === 0) patch += 1;
    else if (step === 1) [minor, patch] = [minor + 1, 0];
    else [major, minor, patch] = [major + 1, 0, 0];
    return `${style === 'tagged' ? 'v' : ''}${major}.${minor}.${patch}`;
  };
}
