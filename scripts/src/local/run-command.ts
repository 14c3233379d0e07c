import { ConfigError, StartupError } from '@deptracker/runtime';

/** Runs a command to its end: exit code 0, or the error in a sentence and 1. */
export function runCommand(work: () => Promise<void>): void {
  work().then(
    () => {
      process.exit(0);
    },
    (error: unknown) => {
      const expected = error instanceof ConfigError || error instanceof StartupError;
      const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
      process.stderr.write(`${text}\n`);
      process.exit(1);
    },
  );
}

/** One line on stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
