import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { processIdentity, spawnProcess } from '@deptracker/testkit';
import { describe, expect, it } from 'vitest';

describe('spawnProcess', () => {
  it('waits until the app is ready, collects its log, and stops it in order', async () => {
    const app = await spawnProcess('sandbox', { LOG_LEVEL: 'info' });
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    expect(app.logs()[0]).toMatchObject({ level: 'info', service: 'sandbox' });
    expect(await app.stop()).toEqual({ code: 0, signal: null });
    expect(processIdentity(app.pid)).toBeUndefined();
  });

  it('kills without a chance to drain', async () => {
    const app = await spawnProcess('sandbox', {});
    expect(await app.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('fails with what the app printed when it ends instead of being ready', async () => {
    await expect(spawnProcess('sandbox', { LOG_LEVEL: 'loud' })).rejects.toThrow(
      /sandbox ended with exit code 1[^]*LOG_LEVEL must be/,
    );
  });

  it('does not take somebody else who answers on its port for the app', async () => {
    const other = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end('{"status":"ready","service":"other"}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(spawnProcess('sandbox', { PORT: String(port) })).rejects.toThrow(/sandbox ended with exit code 1[^]*is taken by another process/);
    other.close();
  });
});
