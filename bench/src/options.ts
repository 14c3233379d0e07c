import { parseArgs } from 'node:util';

/** What a run is asked for. */
export interface Options {
  readonly quick: boolean;
  /** Profiles scenarios instead of measuring them. */
  readonly profile: boolean;
  /** Names of scenarios; null is all that the kind of run has. */
  readonly scenarios: readonly string[] | null;
  /** Where set, for every scenario instead of its own: seconds of a run, runs, and things that it makes. */
  readonly seconds: number | null;
  readonly rounds: number | null;
  readonly count: number | null;
  /** Deployments of the long history. */
  readonly rows: number;
  /** Folder of a Postgres that is kept; null is a throw-away one. */
  readonly data: string | null;
  /** Folder of results.json and RESULTS.md; null is that of the bench. */
  readonly out: string | null;
  /** Options of node itself for the product's processes. */
  readonly nodeArgs: readonly string[];
}

/** As docs/operations.md has every process started. */
const AS_OPERATED = '--max-semi-space-size=8 --max-old-space-size=384';

/** The options in words, for who asks and for who mistypes. */
export const USAGE = `node bench/dist/main.js [options] [scenario …]
  --quick          the short scenarios, one run of two seconds each
  --seconds N      length of every run
  --rounds N       runs of each build
  --count N        things that a scenario makes (deployments, clicks, connections, starts)
  --rows N         deployments of the long history that lists, tasks and stats run on (default 1000000)
  --data FOLDER    keep Postgres's data there, and use what is there
  --out FOLDER     where results.json and RESULTS.md go (default bench)
  --node-args "…"  options of node itself for the product's processes (default as in operation: ${AS_OPERATED})
  --profile        run each scenario once, product only, with the API profiled: where the time goes, into PROFILE.md`;

const MILLION = 1_000_000;

function number(text: string | undefined, name: string): number | null {
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0; it is ${JSON.stringify(text)}.\n${USAGE}`);
  return value;
}

const words = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter(Boolean);

/** Reads the arguments; an error with the usage for what cannot be understood. Empty ones count as not given. */
export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const no = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: no, profile: no, seconds: text, rounds: text, count: text, rows: text, data: text, out: text, 'node-args': text },
  });
  const named = positionals.flatMap(words);
  return {
    quick: values.quick,
    profile: values.profile,
    scenarios: named.length === 0 ? null : named,
    seconds: number(values.seconds, 'seconds') ?? (values.quick ? 2 : null),
    rounds: number(values.rounds, 'rounds') ?? (values.quick ? 1 : null),
    count: number(values.count, 'count') ?? (values.quick ? 3 : null),
    rows: number(values.rows, 'rows') ?? MILLION,
    data: values.data || null,
    out: values.out || null,
    nodeArgs: words(values['node-args'] || AS_OPERATED),
  };
}
