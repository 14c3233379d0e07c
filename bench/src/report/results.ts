import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measured } from '../measure.js';
import type { Runs } from '../run-scenario.js';
import type { Share } from './self-times.js';

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

/** Where the time went in one run of the product: that of the API's main thread, and of the machine. */
export interface Profile extends Pick<Result, 'title' | 'at' | 'commit' | 'machine'> {
  readonly run: Measured;
  /** The largest first. */
  readonly functions: readonly Share[];
  readonly parts: readonly Share[];
}

export type Profiles = Readonly<Record<string, Profile>>;

const RESULTS = 'results.json';
const PROFILES = 'profiles.json';

function readKept<T>(folder: string, name: string): Readonly<Record<string, T>> {
  const file = join(folder, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, T>>) : {};
}

/** What was measured before; nothing where there is no file. */
export const readResults = (folder: string): Results => readKept<Result>(folder, RESULTS);

const readProfiles = (folder: string): Profiles => readKept<Profile>(folder, PROFILES);

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const rounded = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1_000) / 1_000 : value);

/** How the pages are made that people read. */
export interface Pages {
  readonly ofResults: (all: Results, profiles: Profiles) => string;
  readonly ofProfiles: (all: Profiles) => string;
}

function keep(folder: string, { results = readResults(folder), profiles = readProfiles(folder) }: { results?: Results; profiles?: Profiles }, pages: Pages): void {
  for (const [name, all, page, text] of [
    [RESULTS, results, 'RESULTS.md', () => pages.ofResults(results, profiles)],
    [PROFILES, profiles, 'PROFILE.md', () => pages.ofProfiles(profiles)],
  ] as const) {
    if (Object.keys(all).length === 0) continue;
    writeWhole(join(folder, name), `${JSON.stringify(all, rounded, 1)}\n`);
    writeWhole(join(folder, page), text());
  }
}

/** Puts one scenario's result in the place of its last one, and writes all pages anew. The others stay as they are. */
export function keepResult(folder: string, name: string, result: Result, pages: Pages): void {
  keep(folder, { results: { ...readResults(folder), [name]: result } }, pages);
}

/** The same for a profile. */
export function keepProfile(folder: string, name: string, profile: Profile, pages: Pages): void {
  keep(folder, { profiles: { ...readProfiles(folder), [name]: profile } }, pages);
}

const MILLION = 1_000_000;

/** A scenario's name among the results: those over a long history stand beside each other by its length. */
export function nameOf(scenario: { readonly name: string; readonly filled?: true }, rows: number): string {
  if (scenario.filled !== true) return scenario.name;
  return `${scenario.name}@${rows % MILLION === 0 ? `${rows / MILLION}m` : rows}`;
}
