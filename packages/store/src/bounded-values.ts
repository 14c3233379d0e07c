/** Values by key that together are no larger than so many bytes; whichever was asked for longest ago goes first. */
export interface BoundedValues<V> {
  get(key: string): V | undefined;
  /**
   * Keeps it as the latest that was asked for; `bytes` are those that it takes by itself, as far as they are known. What
   * takes more than an eighth of all is not kept, lest it drive out everything else.
   */
  set(key: string, value: V, bytes: number): void;
  delete(key: string): void;
  clear(): void;
  readonly bytes: number;
}

/** What an entry takes beside its value, roughly. */
const ENTRY_BYTES = 256;

/** A map that lets go of the least recently used. */
export function boundedValues<V>(maxBytes: number): BoundedValues<V> {
  // In the order in which they were last asked for.
  const held = new Map<string, { readonly value: V; readonly bytes: number }>();
  let total = 0;
  const drop = (key: string): void => {
    total -= held.get(key)?.bytes ?? 0;
    held.delete(key);
  };
  return {
    get: (key) => {
      const one = held.get(key);
      if (one === undefined) return undefined;
      held.delete(key);
      held.set(key, one);
      return one.value;
    },
    set: (key, value, bytes) => {
      drop(key);
      const all = bytes + key.length + ENTRY_BYTES;
      if (all > maxBytes / 8) return;
      held.set(key, { value, bytes: all });
      total += all;
      for (const oldest of held.keys()) {
        if (total <= maxBytes) return;
        drop(oldest);
      }
    },
    delete: drop,
    clear: () => {
      held.clear();
      total = 0;
    },
    get bytes() {
      return total;
    },
  };
}
