/**
 * Stands in a request for a number that no other request has. It is as long as the number, so that a request's length
 * does not change.
 */
export const SERIAL = '<SERIAL9>';

const FIRST = 10 ** (SERIAL.length - 1);
let next = FIRST;

/** Takes so many numbers, all of as many digits as the mark is long, and gives the first; an error when there are none left. */
export function takeSerials(count: number): number {
  const first = next;
  next += count;
  if (next > 10 * FIRST) throw new Error(`There are no ${SERIAL.length}-digit numbers left for requests.`);
  return first;
}

/** The text with a number of its own wherever the mark stands. */
export function numbered(text: string): string {
  return text.includes(SERIAL) ? text.replaceAll(SERIAL, String(takeSerials(1))) : text;
}
