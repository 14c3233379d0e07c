import type { AppProcess } from '@deptracker/testkit';

const LINES = 5;

const isPlain = (line: string): boolean => /"level":"(?:info|debug)"/.test(line);

/** What the processes last complained of, with their names: tells why a fleet did not do what was asked. */
export function lastWords(processes: ReadonlyMap<string, AppProcess>): string {
  return [...processes]
    .flatMap(([name, process]) => {
      const complaints = process.output().split('\n').filter((line) => line !== '' && !isPlain(line));
      return complaints.slice(-LINES).map((line) => `${name}: ${line}`);
    })
    .join('\n');
}
