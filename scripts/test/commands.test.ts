import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asAdmin, emptyTestDatabase, eachLine, exitOf, processIdentity, waitFor } from '@deptracker/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

const SCRIPTS = fileURLToPath(new URL('../dist', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAUNCH = fileURLToPath(new URL('fixtures/launch.mjs', import.meta.url));
// The launcher's own suite must not see what a developer set.
const BASE = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'NODE_V8_COVERAGE'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
);

interface Command {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly code: Promise<number | null>;
}

function start(script: string, args: readonly string[], env: Record<string, string>): Command {
  const child = spawn(process.execPath, [script, ...args], { env: { ...BASE, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) eachLine(stream, (line) => lines.push(line));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, lines, code: exitOf(child).then(({ code }) => code) };
}

async function run(name: string, args: readonly string[], env: Record<string, string>) {
  const command = start(join(SCRIPTS, `${name}.js`), args, env);
  return { code: await command.code, output: command.lines.join('\n') };
}

async function launch(localDir: string): Promise<Command> {
  const launched = start(LAUNCH, [], { LOCAL_DIR: localDir });
  const ready = (): boolean => launched.lines.some((line) => line.includes('Dep Tracker is ready'));
  await waitFor(ready, { timeoutMs: 30_000, what: 'the launcher to be ready' });
  return launched;
}

describe('migrate and db-ping', () => {
  it('migrate DATABASE_URL up, down and up again, and tell what they did', async () => {
    const database = await emptyTestDatabase();
    onTestFinished(() => database.drop());
    const env = { DATABASE_URL: database.url };
    expect(await run('migrate', ['up'], env)).toMatchObject({ code: 0, output: expect.stringMatching(/^Applied /) });
    expect((await run('migrate', ['up'], env)).output).toBe('Nothing to do');
    expect((await run('migrate', ['down'], env)).output).toMatch(/^Took back \d+_\w+$/);
    expect((await run('migrate', ['status'], env)).output).toMatch(/^applied [^]*\npending [^\n]+$/);
    expect((await run('migrate', ['up'], env)).code).toBe(0);
    expect((await run('db-ping', [], env)).output).toMatch(/^Postgres \d+\S* ?.*answered in \d+ ms$/);
  });

  it('migrate as the Job of a release does, with nothing but the address of the database', async () => {
    const job = readFileSync(join(ROOT, 'k8s', 'migrate-job.yaml'), 'utf8');
    const [program, script, ...args] = JSON.parse(/^ *command: (\[.*\])$/m.exec(job)?.[1] ?? '[]') as string[];
    expect(program).toBe('node');
    const database = await emptyTestDatabase();
    onTestFinished(() => database.drop());
    const command = start(join(ROOT, script ?? ''), args, { DATABASE_URL: database.url });
    expect([await command.code, command.lines.join()]).toEqual([0, expect.stringMatching(/^Applied /)]);
  });

  it('take a migration back only with CONFIRM=1 once there are deployments', async () => {
    const database = await emptyTestDatabase();
    onTestFinished(() => database.drop());
    const env = { DATABASE_URL: database.url };
    await asAdmin(database.url, 'CREATE TABLE deployments AS SELECT 1 AS id');
    const refused = await run('migrate', ['down'], env);
    expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/^The database holds deployments, .*CONFIRM=1/) });
    expect(await run('migrate', ['down'], { ...env, CONFIRM: '1' })).toEqual({ code: 0, output: 'Nothing to do' });
  });

  it('refuse what they do not know in one sentence', async () => {
    const usage = await run('migrate', ['sideways'], {});
    expect(usage).toEqual({ code: 1, output: 'Usage: migrate.js up | down | status | new <name>' });
    const unnamed = await run('migrate', ['new', 'Bad Name'], {});
    expect(unnamed).toMatchObject({ code: 1, output: expect.stringContaining('make migrate-new name=add_teams') });
  });

  it('say so when there is no database', async () => {
    const result = await run('db-ping', [], { LOCAL_DIR: temporaryFolder() });
    expect(result).toMatchObject({ code: 1, output: expect.stringMatching(/^No database runs: .*DATABASE_URL/) });
  });
});

describe('make run', () => {
  it('ends with a line per mistake and exit code 1 before anything starts', async () => {
    const localDir = join(temporaryFolder(), 'local');
    const result = await run('run', [], { LOCAL_DIR: localDir, PORT: 'x', SLACK_WORKERS: '-1' });
    expect(result.code).toBe(1);
    expect(result.output.split('\n')).toEqual([
      expect.stringMatching(/^PORT must be/),
      expect.stringMatching(/^SLACK_WORKERS must be/),
    ]);
    expect(existsSync(localDir)).toBe(false);
  });

  it('keeps its servers up, refuses a second one, and leaves nothing running after SIGTERM', async () => {
    const localDir = join(temporaryFolder(), 'local');
    const launched = await launch(localDir);
    const second = await run('run', [], { LOCAL_DIR: localDir });
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining('already runs with') });
    expect((await run('reset', [], { LOCAL_DIR: localDir })).output).toContain('already runs with');

    const before = postmaster(localDir);
    process.kill(before, 'SIGKILL');
    const again = (): boolean => launched.lines.some((line) => line.includes('postgres is ready again'));
    await waitFor(again, { timeoutMs: 30_000, what: 'Postgres to be back' });
    expect((await run('db-ping', [], { LOCAL_DIR: localDir })).output).toContain('database deptracker');

    const now = postmaster(localDir);
    launched.child.kill('SIGTERM');
    expect(await launched.code).toBe(0);
    expect([before, now].map(processIdentity)).toEqual([undefined, undefined]);
    expect(readdirSync(localDir)).not.toContain('launcher.lock');
  });

  it('cleans up after kill -9 of the launcher, and finds the data at the next start', async () => {
    const localDir = join(temporaryFolder(), 'local');
    const first = await launch(localDir);
    expect(first.lines.join('\n')).toContain('Applied ');
    const server = postmaster(localDir);
    first.child.kill('SIGKILL');
    await waitFor(() => processIdentity(server) === undefined, { timeoutMs: 20_000, what: 'the guard to stop Postgres' });
    const second = await launch(localDir);
    expect(second.lines.join('\n')).not.toContain('Applied ');
    second.child.kill('SIGTERM');
    expect(await second.code).toBe(0);
    expect((await run('reset', [], { LOCAL_DIR: localDir })).code).toBe(0);
    expect(existsSync(localDir)).toBe(false);
  });
});

function postmaster(localDir: string): number {
  return Number(readFileSync(join(localDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
