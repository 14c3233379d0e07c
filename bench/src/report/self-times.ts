import { fileURLToPath } from 'node:url';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** What V8 writes with `--cpu-prof`: which node was on top at each sample; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Something with its part of the time in which the thread was not idle, from 0 to 1. */
export interface Share {
  readonly name: string;
  readonly share: number;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const IDLE = '(idle)';

/** A path that means something to a reader: from the root, or from the package that it belongs to. */
function placeOf(url: string): string {
  const path = url.replace(/^file:\/\//, '').replace(ROOT, '');
  return path.replace(/^.*node_modules\//, '');
}

function functionOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${placeOf(url)}:${lineNumber + 1}`;
}

/** The package, the workspace or what V8 did. */
function partOf({ callFrame: { functionName, url } }: ProfileNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native functions';
  if (url.startsWith('node:')) return url.replace(/^(node:(internal\/)?[^/]+).*$/, '$1');
  const [first = '', second = ''] = placeOf(url).split('/');
  return /^(apps|packages)$/.test(first) || first.startsWith('@') ? `${first}/${second}` : first;
}

function shares(times: ReadonlyMap<number, number>, nodes: ReadonlyMap<number, ProfileNode>, nameOf: (node: ProfileNode) => string): Share[] {
  const by = new Map<string, number>();
  for (const [id, time] of times) {
    const node = nodes.get(id);
    if (node !== undefined) by.set(nameOf(node), (by.get(nameOf(node)) ?? 0) + time);
  }
  by.delete(IDLE);
  const whole = [...by.values()].reduce((sum, one) => sum + one, 0);
  return [...by].map(([name, time]) => ({ name, share: time / whole })).sort((a, b) => b.share - a.share);
}

/** The time of each node in what was sampled between two moments, in microseconds. */
function timesOf({ startTime, samples, timeDeltas }: CpuProfile, from: number, to: number): Map<number, number> {
  const times = new Map<number, number>();
  let at = startTime;
  samples.forEach((id, index) => {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    if (at >= from && at <= to) times.set(id, (times.get(id) ?? 0) + delta);
  });
  return times;
}

/** Microseconds between two moments in which the thread was not idle. */
export function busyTime(profile: CpuProfile, from: number, to: number): number {
  const idle = new Set(profile.nodes.filter(({ callFrame }) => callFrame.functionName === IDLE).map(({ id }) => id));
  let busy = 0;
  for (const [id, time] of timesOf(profile, from, to)) if (!idle.has(id)) busy += time;
  return busy;
}

/** Self time by function and by part of the program of what was sampled between two moments, largest first. */
export function selfTimes(profile: CpuProfile, from: number, to: number): { readonly functions: Share[]; readonly parts: Share[] } {
  const times = timesOf(profile, from, to);
  if (times.size === 0) throw new Error('The profile has no samples of the time that was measured.');
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  return { functions: shares(times, byId, functionOf), parts: shares(times, byId, partOf) };
}
