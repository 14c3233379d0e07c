import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { guardServer, waitFor } from '@deptracker/testkit';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CLOCK_SHIFT = join(ROOT, 'tests/chaos/fleet/clock-shift.mjs');
const AGAIN_MS = 150;
// What does not even start is tried again less and less often, as a kubelet does.
const MOST_AGAIN_MS = 4_000;
// A machine that is busy with other things needs its time to start nine processes.
const READY_MS = 120_000;
const STOP_MS = 15_000;

export interface SupervisedOptions {
  readonly name: string;
  readonly app: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Where its log and its control files lie. */
  readonly folder: string;
}

/** A process that is started again whenever it ends, as a kubelet does; its log goes to a file. */
export class Supervised {
  /** How often it ended without being told to. */
  deaths = 0;
  /** Ends with another code than 0 that no signal caused: it gave up by itself. */
  failures = 0;
  private child: ChildProcess | null = null;
  private wanted = false;
  private againMs = AGAIN_MS;
  private readonly failpoints: string;
  private readonly clock: string;
  private log: number;

  constructor(private readonly options: SupervisedOptions) {
    const { folder, name } = options;
    this.failpoints = join(folder, `${name}.failpoints`);
    this.clock = join(folder, `${name}.clock`);
    this.log = openSync(join(folder, `${name}.log`), 'a');
    writeFileSync(this.failpoints, '');
    writeFileSync(this.clock, '0');
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  start(): void {
    this.wanted = true;
    const { app, env, port, name } = this.options;
    const inherited = Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'LANG'].map((key) => [key, process.env[key]]));
    const child = spawn(process.execPath, ['--import', CLOCK_SHIFT, join(ROOT, 'apps', app, 'dist', 'main.js')], {
      cwd: ROOT,
      env: {
        ...inherited,
        HOST: '127.0.0.1',
        PORT: String(port),
        INSTANCE_ID: name,
        NODE_ENV: 'test',
        FAILPOINTS: `@${this.failpoints}`,
        CLOCK_FILE: this.clock,
        ...env,
      },
      stdio: ['ignore', this.log, this.log],
    });
    this.child = child;
    const callOff = guardServer(child.pid ?? 0, 'KILL');
    child.once('exit', (code, signal) => {
      callOff();
      this.deaths += 1;
      if (signal === null && code !== 0) this.failures += 1;
      // What was armed has done its work; the next one starts sound.
      this.write(this.failpoints, '');
      setTimeout(() => {
        if (this.wanted) this.start();
      }, this.againMs);
      this.againMs = Math.min(2 * this.againMs, MOST_AGAIN_MS);
    });
  }

  /** Where the processes in this place write their log from the next one on. */
  logTo(path: string): void {
    closeSync(this.log);
    this.log = openSync(path, 'a');
  }

  /** Where it writes its log otherwise. */
  get logFile(): string {
    return join(this.options.folder, `${this.options.name}.log`);
  }

  /** Rules for the failpoints of the running process and of those that follow, until one of them dies. */
  arm(rules: string): void {
    this.write(this.failpoints, rules);
    this.signal('SIGUSR2');
  }

  /** Its clock is off by so many milliseconds. */
  shiftClock(ms: number): void {
    this.write(this.clock, String(ms));
    this.signal('SIGUSR2');
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Goes on, armed with nothing and with the right time. */
  heal(): void {
    this.write(this.failpoints, '');
    this.write(this.clock, '0');
    this.signal('SIGCONT');
    this.signal('SIGUSR2');
  }

  async ready(timeoutMs = READY_MS): Promise<void> {
    const ok = async (): Promise<boolean> => (await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    await waitFor(ok, { timeoutMs, intervalMs: 50, what: `${this.options.name} to be ready` });
    this.againMs = AGAIN_MS;
  }

  /** SIGTERM, and waits until the next one is ready in its place. The exit code. */
  async replace(): Promise<number | null> {
    const { child } = this;
    const ended = new Promise<number | null>((resolve) => {
      child?.once('exit', resolve);
    });
    this.signal('SIGTERM');
    const code = await ended;
    await waitFor(() => this.child !== child, { what: 'its successor' });
    await this.ready();
    return code;
  }

  /** SIGTERM, and SIGKILL where that does not help. True where it ended in order. */
  async stop(): Promise<boolean> {
    this.wanted = false;
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return true;
    const ended = new Promise<boolean>((resolve) => {
      child.once('exit', (code) => { resolve(code === 0); });
    });
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const abort = new AbortController();
    const late = delay(STOP_MS, false, { signal: abort.signal }).catch(() => false);
    const inOrder = await Promise.race([ended, late]);
    abort.abort();
    child.kill('SIGKILL');
    closeSync(this.log);
    return inOrder;
  }

  private write(file: string, text: string): void {
    writeFileSync(file, text);
  }
}
