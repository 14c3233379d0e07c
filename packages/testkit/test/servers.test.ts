import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asAdmin, processIdentity, startPostgres, startRedis, testDatabase, waitFor } from '@deptracker/testkit';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';

const cleanups: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-test-'));
  // The postgres user must be able to pass through.
  chmodSync(folder, 0o711);
  cleanups.push(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('keeps the data of a persistent server over kill -9 and starts again in the same folder', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const first = await startPostgres({ dataDir, persistent: true, password: 'secret' });
    await asAdmin(first.url, 'CREATE TABLE kept (n int)');
    await asAdmin(first.url, 'INSERT INTO kept VALUES (7)');
    await first.kill();
    const second = await startPostgres({ dataDir, persistent: true, password: 'secret', port: first.port });
    cleanups.push(() => second.stop());
    expect(second.url).toBe(first.url);
    expect(await rows(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('ends the server that an owner left running in its folder', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const left = await startPostgres({ dataDir, persistent: true });
    const next = await startPostgres({ dataDir, persistent: true });
    cleanups.push(() => next.stop());
    expect(processIdentity(left.pid)).toBeUndefined();
    expect(await rows(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says what the server printed when it cannot start', async () => {
    const running = await startPostgres();
    cleanups.push(() => running.stop());
    await expect(startPostgres({ port: running.port })).rejects.toThrow(/Address already in use/);
  });
});

describe('testDatabase', () => {
  it('gives each test file a database of its own and removes it', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    await asAdmin(one.url, 'CREATE TABLE only_here ()');
    expect(await rows(other.url, "SELECT to_regclass('only_here') AS found")).toEqual([{ found: null }]);
    await Promise.all([one.drop(), other.drop()]);
    await expect(asAdmin(one.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});

describe('startRedis', () => {
  it('keeps the data of a persistent server over kill -9', async () => {
    const dir = join(temporaryFolder(), 'redis');
    const first = await startRedis({ dir, persistent: true, password: 'secret' });
    const client = new Redis(first.url, { retryStrategy: () => null });
    client.on('error', () => undefined);
    await client.config('SET', 'appendfsync', 'always');
    await client.set('key', 'value');
    await first.kill();
    client.disconnect();
    const second = await startRedis({ dir, persistent: true, password: 'secret', port: first.port });
    cleanups.push(() => second.stop());
    const again = new Redis(second.url);
    cleanups.push(() => {
      again.disconnect();
    });
    expect(await again.get('key')).toBe('value');
  });

  it('can be paused and resumed, and leaves no folder behind', async () => {
    const dir = join(temporaryFolder(), 'redis');
    const server = await startRedis({ dir });
    const client = new Redis(server.url, { commandTimeout: 200 });
    client.on('error', () => undefined);
    expect(await client.ping()).toBe('PONG');
    await server.pause();
    await expect(client.ping()).rejects.toThrow(/timed out/);
    await server.resume();
    expect(await waitFor(() => client.ping())).toBe('PONG');
    client.disconnect();
    await server.stop();
    expect(existsSync(dir)).toBe(false);
    expect(processIdentity(server.pid)).toBeUndefined();
  });
});
