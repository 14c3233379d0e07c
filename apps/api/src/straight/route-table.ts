/** What was found at an address, with the parts of the address that its pattern names. */
export interface Found<T> {
  readonly way: T;
  readonly params: Readonly<Record<string, string>>;
}

interface Place<T> {
  readonly literals: Map<string, Place<T>>;
  parameter: Place<T> | null;
  readonly ways: Map<string, { readonly way: T; readonly names: readonly string[] }>;
}

/** A part of an address that stands for itself: nothing is encoded in it. */
const PLAIN = /^[\w.~-]+$/;

const NONE: readonly string[] = [];

const newPlace = <T>(): Place<T> => ({ literals: new Map(), parameter: null, ways: new Map() });

/**
 * Finds what stands at an address that is written as its pattern has it. It does not know what else Express would take for
 * the same (other cases, a slash at the end, encoded parts, HEAD): there it finds nothing.
 */
export class RouteTable<T> {
  readonly #root: Place<T> = newPlace();

  /** `pattern` is Express's, made of names and `:parameters` alone. */
  add(method: string, pattern: string, way: T): void {
    const names: string[] = [];
    let place = this.#root;
    for (const part of pattern.slice(1).split('/')) {
      if (part.startsWith(':')) {
        names.push(part.slice(1));
        place = place.parameter ??= newPlace();
      } else {
        const next = place.literals.get(part) ?? newPlace<T>();
        place.literals.set(part, next);
        place = next;
      }
    }
    place.ways.set(method, { way, names });
  }

  find(method: string, url: string): Found<T> | null {
    const query = url.indexOf('?');
    const end = query === -1 ? url.length : query;
    let values = NONE;
    let place = this.#root;
    let from = 1;
    while (from <= end) {
      const slash = url.indexOf('/', from);
      const to = slash === -1 || slash > end ? end : slash;
      const part = url.slice(from, to);
      from = to + 1;
      const literal = place.literals.get(part);
      if (literal !== undefined) {
        place = literal;
      } else if (place.parameter !== null && PLAIN.test(part) && !place.literals.has(part.toLowerCase())) {
        place = place.parameter;
        values = [...values, part];
      } else {
        return null;
      }
    }
    const found = place.ways.get(method);
    if (found === undefined || !url.startsWith('/')) return null;
    const params: Record<string, string> = {};
    for (const [index, name] of found.names.entries()) params[name] = values[index] ?? '';
    return { way: found.way, params };
  }
}
