/**
 * Whether a name fits a pattern, in which `*` stands for any characters, also none. What a `*` takes is extended only
 * by need, so that a pattern of many of them costs at most the product of the lengths.
 */
export function fitsPattern(pattern: string, name: string): boolean {
  let [at, star, resume] = [0, -1, 0];
  let index = 0;
  while (index < name.length) {
    if (pattern[at] === '*') {
      [star, resume] = [at, index];
      at += 1;
    } else if (at < pattern.length && pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      resume += 1;
      [at, index] = [star + 1, resume];
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** How closely a pattern says what it means; more is closer. */
export interface Closeness {
  /** No `*` in it. */
  readonly exact: boolean;
  /** Characters before the first `*`. */
  readonly beginning: number;
  /** Characters besides `*`. */
  readonly literal: number;
}

export function closenessOf(pattern: string): Closeness {
  const first = pattern.indexOf('*');
  return {
    exact: first < 0,
    beginning: first < 0 ? pattern.length : first,
    literal: pattern.replaceAll('*', '').length,
  };
}
