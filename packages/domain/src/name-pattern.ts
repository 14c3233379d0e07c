/**
 * Whether a name fits a pattern, in which `*` stands for any characters, also none. Each part between two of them is taken
 * where it comes first: a place further on could only leave less for the next. Every deployment is compared with every
 * mapping, so the searching is left to the engine, whom no pattern makes begin anew at each character.
 */
export function fitsPattern(pattern: string, name: string): boolean {
  const first = pattern.indexOf('*');
  if (first === -1) return pattern === name;
  const last = pattern.lastIndexOf('*');
  const end = name.length - (pattern.length - last - 1);
  if (end < first || !name.startsWith(pattern.slice(0, first)) || !name.endsWith(pattern.slice(last + 1))) return false;
  let at = first;
  for (let star = first; star < last; ) {
    const next = pattern.indexOf('*', star + 1);
    const part = pattern.slice(star + 1, next);
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    [at, star] = [found + part.length, next];
  }
  return true;
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
