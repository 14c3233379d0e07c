import { fileURLToPath } from 'node:url';
import { type ExitInfo, freePort, waitFor } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';
import { type AppHooks, appService } from '../dist/launch/app-service.js';
import { type Running, type Service, Supervisor } from '../dist/launch/supervisor.js';

const APP = fileURLToPath(new URL('fixtures/app.mjs', import.meta.url));
const QUICK = { firstMs: 1, maxMs: 4, healthyMs: 60_000 };
const patient = new AbortController().signal;

/** A service whose starts and ends the test decides. */
class FakeService implements Service {
  readonly name = 'fake';
  readonly starts: { end: (exit: ExitInfo) => void; stopped: boolean }[] = [];
  failures: string[] = [];

  async start(): Promise<Running> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw new Error(failure);
    let end: (exit: ExitInfo) => void = () => undefined;
    const exited = new Promise<ExitInfo>((resolve) => (end = resolve));
    const entry = { end, stopped: false };
    this.starts.push(entry);
    return {
      pid: this.starts.length,
      exited,
      stop: async () => {
        entry.stopped = true;
        entry.end({ code: 0, signal: null });
      },
    };
  }
}

describe('Supervisor', () => {
  it('starts a service that ended by itself again, as often as it takes', async () => {
    const service = new FakeService();
    const notices: string[] = [];
    const supervisor = new Supervisor(service, (notice) => notices.push(notice), QUICK);
    await supervisor.start();
    service.failures = ['port taken\nwith details', 'port taken'];
    service.starts[0]?.end({ code: null, signal: 'SIGKILL' });
    await waitFor(() => notices.includes('fake is ready again'));
    expect(notices).toEqual([
      'fake ended (SIGKILL); starting it again',
      'port taken; trying again',
      'port taken; trying again',
      'fake is ready again',
    ]);
    await supervisor.stop(patient);
    expect(service.starts.map(({ stopped }) => stopped)).toEqual([false, true]);
  });

  it('leaves a first start that fails to its caller', async () => {
    const service = new FakeService();
    service.failures = ['wrong variable'];
    const supervisor = new Supervisor(service, () => undefined, QUICK);
    await expect(supervisor.start()).rejects.toThrow('wrong variable');
    expect(service.starts).toEqual([]);
    await supervisor.stop(patient);
  });

  it('can be stopped while it waits for the next try', async () => {
    const service = new FakeService();
    const notices: string[] = [];
    const supervisor = new Supervisor(service, (notice) => notices.push(notice), { ...QUICK, firstMs: 60_000 });
    await supervisor.start();
    service.starts[0]?.end({ code: 1, signal: null });
    await waitFor(() => notices.length === 1);
    await supervisor.stop(patient);
    expect(service.starts).toHaveLength(1);
  });
});

describe('appService', () => {
  function hooks(lines: string[]): AppHooks {
    return { onLine: (line) => lines.push(line), onSpawn: () => undefined, onExit: () => undefined };
  }

  async function plan(env: Record<string, string> = {}) {
    const port = await freePort();
    return { name: 'app', script: APP, url: `http://127.0.0.1:${port}`, env: { PORT: String(port), ...env } };
  }

  it('is ready when the app says so, and ends it with SIGTERM', async () => {
    const lines: string[] = [];
    const running = await appService(await plan(), hooks(lines)).start(patient);
    await running.stop(patient);
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(lines).toEqual(['{"level":"info","message":"listening"}', '{"level":"info","message":"draining"}']);
  });

  it('fails with what the app complained about when it ends before it is ready', async () => {
    const service = appService(await plan({ FAIL: 'SLACK_CHANNEL_ID is not set' }), hooks([]));
    await expect(service.start(patient)).rejects.toThrow(
      'app did not start (exit code 1)\napp: SLACK_CHANNEL_ID is not set',
    );
  });

  it('kills at once when there is no time to drain', async () => {
    const running = await appService(await plan(), hooks([])).start(patient);
    await running.stop(AbortSignal.abort());
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
