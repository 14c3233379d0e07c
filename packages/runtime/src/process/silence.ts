/** What a watchdog knows of the process that it watches. */
export interface Silence {
  /** Signs of life that were counted when it last looked. */
  readonly beats: number;
  /** When it last looked, in milliseconds of a clock that never goes back. */
  readonly at: number;
  /** Milliseconds without a sign of life. */
  readonly silentMs: number;
}

/**
 * What a further look finds. A look counts for at most `mostMs`: where looks are further apart than that, the process
 * was stopped as a whole (SIGSTOP, a machine that slept), and whoever is stopped cannot give a sign.
 */
export function listenOn(before: Silence, now: { readonly beats: number; readonly at: number }, mostMs: number): Silence {
  const silent = now.beats === before.beats;
  return { ...now, silentMs: silent ? before.silentMs + Math.min(now.at - before.at, mostMs) : 0 };
}
