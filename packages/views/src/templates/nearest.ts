/** Longer names are nobody's slip of the finger. */
const LONGEST = 60;

/** How many characters must be added, taken away or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_one, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** The known name that was most likely meant; null where none is near. A right name in the wrong group is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  if (name.length > LONGEST) return null;
  const lower = name.toLowerCase();
  const far = (one: string): number =>
    Math.min(distance(lower, one.toLowerCase()), distance(lastPart(lower), lastPart(one.toLowerCase())) + 1);
  const [best] = known.map((one) => ({ one, by: far(one) })).sort((a, b) => a.by - b.by);
  return best !== undefined && best.by <= Math.max(2, Math.floor(name.length / 3)) ? best.one : null;
}
