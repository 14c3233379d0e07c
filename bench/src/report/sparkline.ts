const BARS = '▁▂▃▄▅▆▇█';
const WIDTH = 60;

/** The largest of each of at most `WIDTH` neighbouring groups, so that no peak is lost. */
function peaks(values: readonly number[]): number[] {
  const size = Math.ceil(values.length / WIDTH);
  return Array.from({ length: Math.ceil(values.length / size) }, (_, group) => Math.max(...values.slice(group * size, (group + 1) * size)));
}

/** A line of bars from 0 to the largest value. */
export function sparkline(values: readonly number[]): string {
  if (values.length === 0) return '';
  const top = Math.max(...values, Number.MIN_VALUE);
  return peaks(values).map((value) => BARS[Math.min(BARS.length - 1, Math.floor((value / top) * BARS.length))]).join('');
}
