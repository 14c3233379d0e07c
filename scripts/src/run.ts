import { ConfigError, StartupError } from '@deptracker/runtime';
import { ServerStartError } from '@deptracker/testkit';
import { AppStartError } from './launch/app-service.js';
import { Launcher } from './launch/launcher.js';
import { createScreen } from './launch/screen.js';
import { readSettings } from './launch/settings.js';
import { readEnvironment } from './local/environment.js';

const SAME_PRESS_MS = 300;

/** `make run`: everything on this machine, until Ctrl-C. */
async function main(): Promise<number> {
  const screen = createScreen();
  const env = readEnvironment();
  const launcher = new Launcher(readSettings(env), env, screen);
  const asked = new AbortController();
  const hurry = new AbortController();
  listenForSignals(asked, hurry, (message) => {
    screen.say(message);
  });
  const stopAsked = new Promise<'asked'>((resolve) => {
    asked.signal.addEventListener('abort', () => {
      resolve('asked');
    });
  });
  const started = launcher.start().then(
    () => 'started' as const,
    (error: unknown) => ({ error }),
  );
  const outcome = await Promise.race([started, stopAsked]);
  if (outcome === 'started') await stopAsked;
  const failure = typeof outcome === 'object' ? outcome.error : undefined;
  await launcher.stop(hurry.signal);
  await started;
  // The start may have got one step further before it saw that it should stop.
  await launcher.stop(hurry.signal);
  if (failure === undefined) {
    screen.say('Stopped; make run finds the data again');
    return 0;
  }
  report(failure);
  return 1;
}

function listenForSignals(asked: AbortController, hurry: AbortController, say: (message: string) => void): void {
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (first === undefined) {
        first = now;
        say('Stopping everything (once more: at once)');
        asked.abort();
      } else if (now - first > SAME_PRESS_MS) {
        // One press can arrive twice: from the terminal and from a parent that passes it on.
        hurry.abort();
      }
    });
  }
}

function report(error: unknown): void {
  const explained = [ConfigError, StartupError, AppStartError, ServerStartError];
  const plain = error instanceof Error && explained.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (plain ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`${text}\n`);
}

main().then(
  (code) => {
    process.exit(code);
  },
  (error: unknown) => {
    report(error);
    process.exit(1);
  },
);
