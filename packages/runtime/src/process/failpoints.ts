import { readFileSync } from 'node:fs';
import type { Logger } from '../log/logger.js';
import { type FailpointName, type FailpointRule, parseFailpoints } from './parse-failpoints.js';

/** What the configuration gives: rules, or a file of rules that is read again at each SIGUSR2. */
export type FailpointSetting =
  | { readonly kind: 'rules'; readonly rules: readonly FailpointRule[]; readonly seed: number }
  | { readonly kind: 'file'; readonly path: string };

type Hit = (name: FailpointName) => void;

const inert: Hit = () => undefined;
let hit: Hit = inert;

/** A named place in the code at which a test may end, stop or break the process. Does nothing unless it is armed. */
export function failpoint(name: FailpointName): void {
  hit(name);
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function act(rule: FailpointRule): void {
  if (rule.action === 'throw') throw new Error(`The failpoint ${rule.name} was hit.`);
  process.kill(process.pid, rule.action);
}

/** Counts the passes of each rule and acts where one is due. */
function hitter(rules: readonly FailpointRule[], seed: number, onFire: (rule: FailpointRule) => void): Hit {
  if (rules.length === 0) return inert;
  const random = randomFrom(seed);
  const counted = rules.map((rule) => ({ rule, passes: 0 }));
  return (name) => {
    for (const one of counted) {
      const { rule } = one;
      if (rule.name !== name) continue;
      one.passes += 1;
      const due = rule.percent === null ? one.passes === rule.pass : random() * 100 < rule.percent;
      if (!due) continue;
      onFire(rule);
      act(rule);
    }
  };
}

/**
 * Arms what FAILPOINTS asks for; without a setting nothing ever happens and `failpoint` costs one empty call. Rules in a
 * file hold from the next SIGUSR2 on; a file that is absent or wrong disarms all.
 */
export function armFailpoints(setting: FailpointSetting | undefined, logger: Pick<Logger, 'warn'>): void {
  if (setting === undefined) return;
  // Not through the logger: its line would be lost with the process.
  const onFire = ({ name, action }: FailpointRule): void => {
    if (action === 'throw') logger.warn('failpoint hit', { name, action });
  };
  if (setting.kind === 'rules') {
    hit = hitter(setting.rules, setting.seed, onFire);
    logger.warn('failpoints are armed', { rules: setting.rules.length });
    return;
  }
  const read = (): void => {
    try {
      const { rules, seed } = parseFailpoints(readFileSync(setting.path, 'utf8').trim());
      hit = hitter(rules, seed, onFire);
    } catch {
      hit = inert;
    }
  };
  read();
  process.on('SIGUSR2', read);
  logger.warn('failpoints are armed', { file: setting.path });
}
