import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { slackClient } from './start-sandbox.js';

const MAIN = new URL('../dist/main.js', import.meta.url).pathname;
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function launch(env: Record<string, string>): ChildProcess {
  const { PATH = '', NODE_V8_COVERAGE = '' } = process.env;
  const base = { PATH, PORT: '0', SANDBOX_DATA: join(folder, 'ledger.jsonl') };
  const coverage = NODE_V8_COVERAGE === '' ? {} : { NODE_V8_COVERAGE };
  child = spawn(process.execPath, [MAIN], { env: { ...base, ...coverage, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  return child;
}

async function start(): Promise<{ url: string; process: ChildProcess }> {
  const started = launch({});
  for await (const line of createInterface({ input: started.stdout as NodeJS.ReadableStream })) {
    const { page } = JSON.parse(line) as { page?: string };
    if (page !== undefined) return { url: page.replace(/\/$/, ''), process: started };
  }
  throw new Error('The sandbox did not start.');
}

it('is healthy, keeps its messages over kill -9, and ends at once on SIGTERM', async () => {
  const first = await start();
  expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
  expect((await fetch(`${first.url}/health/live`)).status).toBe(200);
  await slackClient(first.url).chat.postMessage({ channel: 'C0DEPLOYS', text: 'still here' });
  first.process.kill('SIGKILL');
  await once(first.process, 'exit');
  const second = await start();
  const { messages } = await slackClient(second.url).conversations.history({ channel: 'C0DEPLOYS' });
  expect(messages).toMatchObject([{ text: 'still here' }]);
  const asked = performance.now();
  second.process.kill('SIGTERM');
  expect(await once(second.process, 'exit')).toEqual([0, null]);
  expect(performance.now() - asked).toBeLessThan(2000);
});

it('says in a sentence what is wrong with its environment', async () => {
  const started = launch({ SLACK_WEBHOOK_URL: 'nowhere', PORT: 'x' });
  const lines: string[] = [];
  started.stderr?.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  expect(await once(started, 'close')).toEqual([1, null]);
  expect(lines.join('')).toMatch(/PORT must be .*\n.*SLACK_WEBHOOK_URL must be/);
});
