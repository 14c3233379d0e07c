import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAILPOINTS, FailpointMistake, loadConfig, parseFailpoints, processConfig } from '@deptracker/runtime';
import { describe, expect, it } from 'vitest';

const runtime = JSON.stringify(new URL('../dist/index.js', import.meta.url).href);

interface Ended {
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs a script in a process of its own, because what is armed may end it. */
function run(setting: unknown, script: string): Promise<Ended> {
  const source = `import { armFailpoints, failpoint } from ${runtime};
    armFailpoints(${JSON.stringify(setting)}, { warn: (message) => console.log(message) });
    ${script}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', source], (error, stdout) => {
      resolve({ signal: error?.signal ?? null, output: stdout });
    });
  });
}

const rules = (text: string): unknown => ({ kind: 'rules', ...parseFailpoints(text) });

describe('a failpoint', () => {
  it('does nothing where nothing is armed', async () => {
    expect(await run(undefined, `failpoint('after_commit'); console.log('on');`)).toEqual({ signal: null, output: 'on\n' });
  });

  it('kills the process at the pass that was asked for, not before, and only where it stands', async () => {
    const passes = `for (let n = 1; n <= 5; n += 1) { console.log(n); failpoint('before_commit'); failpoint('after_commit'); }`;
    const { signal, output } = await run(rules('after_commit:SIGKILL@3'), passes);
    expect(signal).toBe('SIGKILL');
    expect(output).toBe('failpoints are armed\n1\n2\n3\n');
  });

  it('throws where that is the action', async () => {
    const { output } = await run(rules('after_task:throw'), `try { failpoint('after_task'); } catch (error) { console.log(error.message); }`);
    expect(output).toMatch(/after_task was hit/);
  });

  it('acts with the probability that was asked for, the same for the same seed', async () => {
    const count = `let hits = 0; for (let n = 0; n < 1000; n += 1) try { failpoint('after_claim'); } catch { hits += 1; } console.log(hits);`;
    const hits = async (seed: number): Promise<number> =>
      Number((await run(rules(`seed:${seed},after_claim:throw%20`), count)).output.trim().split('\n').at(-1));
    const first = await hits(7);
    expect(first).toBeGreaterThan(150);
    expect(first).toBeLessThan(250);
    expect(await hits(7)).toBe(first);
  });

  it('reads its rules from a file again at SIGUSR2', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'failpoints-'));
    const path = join(folder, 'rules');
    const script = `failpoint('after_commit'); console.log('absent');
      const { writeFileSync } = await import('node:fs');
      writeFileSync(${JSON.stringify(path)}, 'after_commit:SIGKILL');
      process.kill(process.pid, 'SIGUSR2');
      for (;;) { await new Promise((resolve) => setImmediate(resolve)); failpoint('after_commit'); }`;
    const { signal, output } = await run({ kind: 'file', path }, script);
    writeFileSync(path, '');
    rmSync(folder, { recursive: true });
    expect({ signal, output }).toEqual({ signal: 'SIGKILL', output: 'failpoints are armed\nabsent\n' });
  });
});

describe('FAILPOINTS', () => {
  it.each([
    ['nowhere:SIGKILL', /the points are before_commit/],
    ['after_commit:SIGNAP', /the actions are SIGKILL/],
    ['after_commit', /point:action/],
    ['after_commit:SIGKILL@0', /point:action/],
    ['after_commit:SIGKILL%101', /at most 100/],
  ])('%s is refused with the reason', (text, reason) => {
    expect(() => parseFailpoints(`after_claim:throw,${text}`)).toThrow(FailpointMistake);
    expect(() => parseFailpoints(text)).toThrow(reason);
  });

  it('takes every point that there is', () => {
    const all = Object.keys(FAILPOINTS).map((name) => `${name}:SIGSTOP@2`);
    expect(parseFailpoints(all.join(', ')).rules).toHaveLength(all.length);
  });

  it('is refused at start in production, which is what is taken for granted, and where a rule is wrong', () => {
    const load = (env: Record<string, string>): unknown => loadConfig(env, [processConfig(1)]).FAILPOINTS;
    expect(() => load({ FAILPOINTS: 'after_commit:SIGKILL' })).toThrow(/refused in production/);
    expect(() => load({ NODE_ENV: 'test', FAILPOINTS: 'after_commit:SIGKILL,nope:SIGKILL' })).toThrow(/"nope:SIGKILL" in it is wrong/);
    expect(load({ NODE_ENV: 'test', FAILPOINTS: '@/tmp/rules' })).toEqual({ kind: 'file', path: '/tmp/rules' });
    expect(load({})).toBeUndefined();
  });
});
