import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runs } from '../run-scenario.js';

/** Where and with what a scenario was run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string;
}

/** All runs of one scenario, and what they were made of. */
export interface Result {
  readonly title: string;
  readonly at: string;
  /** With a plus where something was changed that is not committed. */
  readonly commit: string;
  readonly machine: Machine;
  readonly nodeArgs: readonly string[];
  readonly seconds: number;
  /** Deployments of the long history; null where there was none. */
  readonly rows: number | null;
  readonly runs: Runs;
}

/** By the name of the scenario. */
export type Results = Readonly<Record<string, Result>>;

const FILE = 'results.json';

/** What was measured before; nothing where there is no file. */
export function readResults(folder: string): Results {
  const file = join(folder, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const rounded = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1_000) / 1_000 : value);

/** Puts one scenario's result in the place of its last one, and writes both files anew. The others stay as they are. */
export function keepResult(folder: string, name: string, result: Result, asMarkdown: (all: Results) => string): void {
  const all = { ...readResults(folder), [name]: result };
  writeWhole(join(folder, FILE), `${JSON.stringify(all, rounded, 1)}\n`);
  writeWhole(join(folder, 'RESULTS.md'), asMarkdown(all));
}

const MILLION = 1_000_000;

/** A scenario's name among the results: those over a long history stand beside each other by its length. */
export function nameOf(scenario: { readonly name: string; readonly filled?: true }, rows: number): string {
  if (scenario.filled !== true) return scenario.name;
  return `${scenario.name}@${rows % MILLION === 0 ? `${rows / MILLION}m` : rows}`;
}
