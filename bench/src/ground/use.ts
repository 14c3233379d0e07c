import { readFileSync, readdirSync } from 'node:fs';

// Places in proc(5)'s list, counted from the state.
const PARENT = 1;
const OWN = [11, 12];
/** Of children that have ended. */
const REAPED = [13, 14];
const TICKS_PER_SECOND = 100;

/** The fields of /proc/<pid>/stat after the name, which may hold anything. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const seconds = (fields: readonly string[], places: readonly number[]): number =>
  places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) / TICKS_PER_SECOND;

/** Seconds of CPU that a process has used so far, all its threads; 0 once it has ended. Linux only. */
export function cpuSeconds(pid: number): number {
  try {
    return seconds(statOf(pid), OWN);
  } catch {
    return 0;
  }
}

/** The same and what its children used that have ended. */
export function cpuSecondsWithChildren(pid: number): number {
  return seconds(statOf(pid), [...OWN, ...REAPED]);
}

function parentOf(pid: number): number {
  try {
    return Number(statOf(pid)[PARENT]);
  } catch {
    return 0;
  }
}

/** The same of a server with a process per connection, those that have ended included. */
export function treeCpuSeconds(pid: number): number {
  const children = readdirSync('/proc').map(Number).filter((one) => one > 0 && parentOf(one) === pid);
  return cpuSecondsWithChildren(pid) + children.reduce((sum, child) => sum + cpuSeconds(child), 0);
}

/** Megabytes of memory that a process holds now; 0 once it has ended. Linux only. */
export function rssMegabytes(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
