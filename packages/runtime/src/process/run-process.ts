import { ConfigError } from '../config/config-error.js';
import type { RootLogger } from '../log/logger.js';
import { redactText } from '../log/redact.js';
import { keepYoung } from './keep-young.js';
import { StartupError } from './startup-error.js';
import { startWatchdog } from './watchdog.js';
import { withTimeout } from './with-timeout.js';

/** One part of an orderly end, such as closing the pool. */
export interface ShutdownStep {
  readonly name: string;
  run(): Promise<void>;
}

/** A process that runs: where it logs, and how it ends. */
export interface Started {
  readonly logger: RootLogger;
  /** Milliseconds that all steps together may take; then the process ends hard with exit code 1. */
  readonly shutdownTimeoutMs: number;
  /** Run in this order, each after the one before; one that fails is logged and does not stop the others. */
  readonly steps: readonly ShutdownStep[];
}

export interface ProcessContext {
  /** Aborts when the process is asked to end; a start that waits for something should give up then. */
  readonly signal: AbortSignal;
  /** Ends the process in order, with exit code 1, because it cannot do its work any more. */
  readonly fail: (error: Error) => void;
  /** From now on the process is killed where no sign of life is given for so many milliseconds; returns how to give one. */
  readonly watch: (timeoutMs: number) => () => void;
}

export interface ProcessOptions {
  readonly service: string;
  readonly start: (context: ProcessContext) => Promise<Started>;
}

/** How long an unfinished start may go on after the process was asked to end. */
const STARTING_GRACE_MS = 5_000;

const SAME_PRESS_MS = 200;
const FLUSH_MS = 1_000;

const fieldsOf = (reason: string | Error): Record<string, unknown> =>
  typeof reason === 'string' ? { reason } : { error: reason };

/** What an operator can mend as a sentence, anything else with its stack. */
function explanation(error: unknown): string {
  // Its values are masked already; its examples must stay readable.
  if (error instanceof ConfigError) return error.message;
  if (error instanceof StartupError) return redactText(error.message);
  return redactText(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** The states of one process: starting, running, ending. */
class Lifecycle {
  readonly #abort = new AbortController();
  readonly #service: string;
  #running: Started | null = null;
  #exitCode: number | null = null;
  #ending = false;
  #step = 'start';
  #interruptedAt: number | null = null;

  constructor(service: string) {
    this.#service = service;
  }

  async run(start: ProcessOptions['start']): Promise<void> {
    process.on('SIGTERM', () => this.#end('SIGTERM', 0));
    process.on('SIGINT', () => this.#interrupt());
    process.on('unhandledRejection', (reason) => this.#crash('unhandled rejection', reason));
    process.on('uncaughtException', (error) => this.#crash('uncaught exception', error));
    try {
      this.#running = await start({
        signal: this.#abort.signal,
        fail: (error) => this.#end(error, 1),
        watch: (timeoutMs) => startWatchdog(this.#service, timeoutMs),
      });
    } catch (error) {
      await this.#refuse(error);
    }
    if (this.#exitCode !== null) await this.#drain();
  }

  /** The second Ctrl-C means now. One press can arrive twice: from the terminal and from a parent that passes it on. */
  #interrupt(): void {
    const now = performance.now();
    if (this.#interruptedAt !== null && now - this.#interruptedAt > SAME_PRESS_MS) process.exit(130);
    this.#interruptedAt ??= now;
    this.#end('SIGINT', 0);
  }

  /** Asked to end: at once where it runs; where it still starts, when the start is done or gives up. */
  #end(reason: string | Error, exitCode: number): void {
    if (this.#exitCode !== null) return;
    this.#exitCode = exitCode;
    const log = this.#running?.logger;
    if (exitCode === 0) log?.info('shutting down', fieldsOf(reason));
    else if (log === undefined) process.stderr.write(`${this.#service}: ${redactText(String(reason))}\n`);
    else log.error('shutting down', fieldsOf(reason));
    this.#abort.abort(new Error(`${this.#service} is shutting down`));
    const limit = this.#running?.shutdownTimeoutMs ?? STARTING_GRACE_MS;
    setTimeout(() => this.#overdue(limit), limit);
    if (this.#running !== null) this.#drain().catch((error: unknown) => this.#crash('shutdown failed', error));
  }

  async #drain(): Promise<void> {
    if (this.#running === null || this.#ending) return;
    this.#ending = true;
    const { logger, steps } = this.#running;
    for (const step of steps) {
      this.#step = step.name;
      const start = performance.now();
      try {
        await step.run();
        logger.info('shutdown step done', { step: step.name, duration_ms: Math.round(performance.now() - start) });
      } catch (error) {
        this.#exitCode = 1;
        logger.error('shutdown step failed', { step: step.name, error });
      }
    }
    logger.info('stopped', { exit_code: this.#exitCode });
    await this.#exit(this.#exitCode ?? 0);
  }

  #overdue(limit: number): void {
    const message = 'shutdown took too long, ending hard';
    this.#running?.logger.error(message, { step: this.#step, timeout_ms: limit });
    this.#exit(this.#running === null ? (this.#exitCode ?? 1) : 1).catch(() => process.exit(1));
  }

  /** The start failed. */
  async #refuse(error: unknown): Promise<void> {
    if (this.#exitCode === 0) return this.#exit(0);
    const lines = explanation(error).split('\n');
    process.stderr.write(`${lines.map((line) => `${this.#service}: ${line}`).join('\n')}\n`);
    return this.#exit(1);
  }

  #crash(what: string, error: unknown): void {
    const { logger } = this.#running ?? {};
    if (logger === undefined) {
      this.#refuse(error).catch(() => process.exit(1));
      return;
    }
    logger.error(what, { error });
    this.#exit(1).catch(() => process.exit(1));
  }

  async #exit(code: number): Promise<never> {
    const { logger } = this.#running ?? {};
    try {
      if (logger !== undefined) await withTimeout(() => logger.flush(), FLUSH_MS, 'Writing the last log lines');
    } finally {
      process.exit(code);
    }
  }
}

/**
 * Runs a process from start to exit. SIGTERM and SIGINT end it in order (a second SIGINT at once), `ConfigError` and
 * `StartupError` from `start` are printed on stderr as they are with exit code 1, and a rejection or exception that
 * nobody handled is logged and ends it with 1. Logs are out before it exits.
 */
export async function runProcess({ service, start }: ProcessOptions): Promise<void> {
  keepYoung();
  await new Lifecycle(service).run(start);
}
