/** The words between commas, without white space around them; empty ones are left out. */
export function items(line: string): string[] {
  return line
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
