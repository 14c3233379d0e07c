import type { TemplateMistake } from '@deptracker/domain';

/** Something wrong at a place of a template, in UTF-16 units from its beginning. */
export interface Fault {
  readonly at: number;
  readonly message: string;
}

const MOST_MISTAKES = 50;

/** As a person looks for it: by line and column, the first ones first. */
export function mistakesOf(body: string, faults: readonly Fault[]): TemplateMistake[] {
  return [...faults]
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST_MISTAKES)
    .map(({ at, message }) => {
      const before = body.slice(0, at).split(/\r\n?|\n/u);
      return { message, line: before.length, column: [...(before.at(-1) ?? '')].length + 1 };
    });
}
