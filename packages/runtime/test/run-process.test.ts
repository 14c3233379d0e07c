import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Fixture, spawnFixture } from './fixtures/spawn-fixture.js';

async function endedBy(fixture: Fixture, signal: NodeJS.Signals): Promise<number | null> {
  await fixture.logged('ready');
  fixture.child.kill(signal);
  return fixture.exit;
}

describe('a process that runs', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('runs its steps in order on %s and exits with 0', async (signal) => {
    const fixture = spawnFixture('steps');
    expect(await endedBy(fixture, signal)).toBe(0);
    expect(fixture.messages()).toEqual([
      'ready',
      'shutting down',
      'ran not ready',
      'shutdown step done',
      'ran stop accepting',
      'shutdown step done',
      'shutdown step done',
      'stopped',
    ]);
  });

  test('goes on with the next step where one fails, and exits with 1', async () => {
    const fixture = spawnFixture('failing step');
    expect(await endedBy(fixture, 'SIGTERM')).toBe(1);
    expect(fixture.messages()).toEqual([
      'ready',
      'shutting down',
      'shutdown step failed',
      'ran second',
      'shutdown step done',
      'stopped',
    ]);
  });

  test('ends hard with 1 when its steps take longer than they may', async () => {
    const fixture = spawnFixture('hanging step', '50');
    expect(await endedBy(fixture, 'SIGTERM')).toBe(1);
    expect(fixture.messages()).toContain('shutdown took too long, ending hard');
  });

  test('ends at once when SIGINT is pressed again', async () => {
    const fixture = spawnFixture('hanging step', '60000');
    await fixture.logged('ready');
    const press = setInterval(() => fixture.child.kill('SIGINT'), 25);
    expect(await fixture.exit).toBe(130);
    clearInterval(press);
  });

  test('takes a second SIGINT of the same moment for the same press', async () => {
    const fixture = spawnFixture('steps');
    await fixture.logged('ready');
    fixture.child.kill('SIGINT');
    fixture.child.kill('SIGINT');
    expect(await fixture.exit).toBe(0);
  });

  test('logs a rejection that nobody handled and exits with 1', async () => {
    const fixture = spawnFixture('rejection');
    expect(await fixture.exit).toBe(1);
    expect(fixture.messages()).toContain('unhandled rejection');
  });

  test('ends in order with 1 when it says that it cannot work any more', async () => {
    const fixture = spawnFixture('fail');
    expect(await fixture.exit).toBe(1);
    expect(fixture.messages()).toEqual(expect.arrayContaining(['shutting down', 'ran first', 'stopped']));
  });

  test('keeps running when the reader of its log goes away', async () => {
    const fixture = spawnFixture('steps');
    await fixture.logged('ready');
    fixture.child.stdout.destroy();
    fixture.child.kill('SIGTERM');
    expect(await fixture.exit).toBe(0);
    expect(fixture.stderr()).toBe('');
  });
});

describe('a process that cannot start', () => {
  test('prints every mistake of its configuration on a line of its own and exits with 1', async () => {
    const fixture = spawnFixture('wrong config');
    expect(await fixture.exit).toBe(1);
    expect(fixture.stderr().trimEnd().split('\n')).toEqual([
      'fixture: PORT must be a whole number from 0 to 65535, such as 8080; it is "abc".',
      expect.stringMatching(/^fixture: REDIS_URL is not set; set it to an address that starts with redis:/) as string,
    ]);
  });

  test('names the taken port and what to do in one sentence', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as AddressInfo;
    const fixture = spawnFixture('taken port', String(port));
    expect(await fixture.exit).toBe(1);
    expect(fixture.stderr()).toBe(
      `fixture: Port ${port} on 127.0.0.1 is taken by another process; stop it or set PORT ` +
        '(under make run the one of this process, such as JIRA_WORKER_PORT) to a free one.\n',
    );
    holder.close();
  });

  test('prints the sentence of a StartupError without the password in it', async () => {
    const fixture = spawnFixture('cannot start');
    expect(await fixture.exit).toBe(1);
    expect(fixture.stderr()).toBe('fixture: Postgres at postgres://app:***@db/x does not answer; start it.\n');
  });

  test('prints the stack of an error that nobody foresaw', async () => {
    const fixture = spawnFixture('bug at start');
    expect(await fixture.exit).toBe(1);
    expect(fixture.stderr()).toMatch(/TypeError: x is not a function\nfixture:\s+at /);
  });

  test('exits with 0 when it is told to end while it still waits', async () => {
    const fixture = spawnFixture('waiting start');
    await fixture.logged('waiting');
    fixture.child.kill('SIGTERM');
    expect(await fixture.exit).toBe(0);
    expect(fixture.stderr()).toBe('');
  });
});
