import { short } from './figures.js';
import type { Profile, Profiles } from './results.js';
import type { Share } from './self-times.js';

const MICROSECONDS = 1_000_000;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function table(what: string, of: string, rows: readonly (readonly string[])[]): string {
  return [`| ${what} | ${of} |`, `|${' --- |'.repeat(of.split('|').length + 1)}`, ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

const shares = (what: string, all: readonly Share[]): string => table(what, 'of the CPU time', all.map(({ name, share }) => [`\`${name}\``, percent(share)]));

/** What each process had of the machine, and what was left of it. */
function machine({ run, machine: { cores } }: Profile): string {
  const whole = cores * run.seconds;
  const idle = whole - Object.values(run.cpu).reduce((sum, one) => sum + one, 0);
  const each = (seconds: number): string => (run.requests === 0 ? '–' : short((seconds / run.requests) * MICROSECONDS));
  const rows = Object.entries(run.cpu).sort(([, a], [, b]) => b - a);
  return table('process', 'of the machine | µs a request', [...rows, ['the rest of the system, and idle', Math.max(0, idle)] as const].map(([name, seconds]) => [name, percent(seconds / whole), each(seconds)]));
}

function section([name, profile]: readonly [string, Profile]): string {
  const { title, at, commit, functions, parts, run } = profile;
  return `## ${name}

${title}. ${short(run.perSecond)} requests/s under the profiler, p50 ${short(run.p50)}, p99 ${short(run.p99)} ms, ${run.errors} errors; ${commit}, ${at}.

${machine(profile)}

${shares('function of the API', functions)}

${shares('package, module of Node, or V8 itself', parts)}
`;
}

/** All profiles as a page: for each scenario what the processes took, and the ten largest functions and parts of the API. */
export function profilePage(profiles: Profiles): string {
  const all = Object.entries(profiles);
  const made = all.slice(-1).map(([, { machine: { cpu, cores, node } }]) => `Last on ${cores} cores (${cpu}), Node ${node}.`);
  return `# Where the time goes

Written by \`make bench-profile\`. The CPU time of each process as the system counts it, and self time of the API's main thread (V8's sampling profiler, one sample a
millisecond; idle time left out). The profiler counts time that passes: a function that wakes another process, which then takes the core, has that
process's time too. ${made.join('')}

${all.map(section).join('\n')}`;
}
