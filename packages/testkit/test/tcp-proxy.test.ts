import { connect, createServer, type Server, type Socket } from 'node:net';
import { startTcpProxy, type TcpProxy, waitFor } from '@deptracker/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let echo: Server;
let received: string[];
let proxy: TcpProxy;
const clients: Client[] = [];

class Client {
  text = '';
  error: string | undefined;
  closed = false;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => (this.text += chunk.toString()));
    this.socket.on('error', (error) => (this.error = error.message));
    this.socket.on('close', () => (this.closed = true));
    clients.push(this);
  }
}

beforeEach(async () => {
  received = [];
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received.push(chunk.toString());
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const address = echo.address();
  proxy = await startTcpProxy({ to: typeof address === 'object' && address !== null ? address.port : 0 });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await proxy.stop();
  await new Promise((resolve) => echo.close(resolve));
});

describe('startTcpProxy', () => {
  it('passes bytes both ways', async () => {
    const client = new Client(proxy.port);
    client.socket.write('hello');
    await waitFor(() => client.text === 'hello');
    expect(proxy.connections()).toBe(1);
  });

  it('puts its own address into an address that it was given', async () => {
    const other = await startTcpProxy({ to: 'postgres://user:pw@example.test:5433/name' });
    expect(other.url).toBe(`postgres://user:pw@127.0.0.1:${other.port}/name`);
    await other.stop();
  });

  it('delays what it passes', async () => {
    proxy.delay(60);
    const client = new Client(proxy.port);
    const start = performance.now();
    client.socket.write('slow');
    await waitFor(() => client.text === 'slow');
    expect(performance.now() - start).toBeGreaterThanOrEqual(115);
  });

  it('resets open and new connections', async () => {
    const open = new Client(proxy.port);
    open.socket.write('a');
    await waitFor(() => open.text === 'a');
    proxy.reset();
    await waitFor(() => open.error === 'read ECONNRESET');
    const late = new Client(proxy.port);
    await waitFor(() => late.closed);
    expect(late.error).toMatch(/ECONNRESET/);
  });

  it('answers nothing while it is a black hole and goes on where it was afterwards', async () => {
    const client = new Client(proxy.port);
    client.socket.write('before ');
    await waitFor(() => client.text === 'before ');
    proxy.blackhole();
    const late = new Client(proxy.port);
    late.socket.write('late');
    client.socket.write('during');
    await waitFor(() => proxy.connections() === 2);
    expect(client.text).toBe('before ');
    proxy.pass();
    await waitFor(() => client.text === 'before during' && late.text === 'late');
  });

  it('forgets open connections for good, and hands new ones through', async () => {
    const forgotten = new Client(proxy.port);
    forgotten.socket.write('one');
    await waitFor(() => forgotten.text === 'one');
    proxy.strand();
    forgotten.socket.write('two');
    const other = new Client(proxy.port);
    other.socket.write('three');
    await waitFor(() => other.text === 'three');
    proxy.pass();
    other.socket.write('four');
    await waitFor(() => other.text === 'threefour');
    expect(forgotten).toMatchObject({ text: 'one', closed: false });
  });

  it('drops the answer after the target has the request', async () => {
    proxy.dropAnswer();
    const client = new Client(proxy.port);
    client.socket.write('order');
    await waitFor(() => client.closed);
    expect(received).toEqual(['order']);
    expect(client.text).toBe('');
    expect(client.error).toMatch(/ECONNRESET/);
  });
});

describe('a link that is broken one way only', () => {
  it('swallows requests: the target never hears them, and the client is reset when the link is whole again', async () => {
    const client = new Client(proxy.port);
    client.socket.write('before');
    await waitFor(() => client.text === 'before');
    proxy.halfOpen('requests');
    client.socket.write('lost');
    const late = new Client(proxy.port);
    late.socket.write('lost too');
    await waitFor(() => proxy.connections() === 2);
    const other = new Client(proxy.port);
    await waitFor(() => proxy.connections() === 3);
    proxy.pass();
    await waitFor(() => client.error === 'read ECONNRESET' && late.error === 'read ECONNRESET');
    expect(received).toEqual(['before']);
    other.socket.write('whole');
    await waitFor(() => other.text === 'whole');
  });

  it('swallows answers: the target has the request, the client hears nothing', async () => {
    proxy.halfOpen('answers');
    const client = new Client(proxy.port);
    client.socket.write('order');
    await waitFor(() => received.length === 1);
    expect(client.text).toBe('');
    expect(client.closed).toBe(false);
  });
});

describe('bytes', () => {
  it('come so many a second, in order, and all at once when the link is quick again', async () => {
    proxy.slow(100);
    const client = new Client(proxy.port);
    const start = performance.now();
    client.socket.write('0123456789');
    await waitFor(() => client.text.length === 10);
    expect(performance.now() - start).toBeGreaterThanOrEqual(50);
    client.socket.write('x'.repeat(5_000));
    proxy.pass();
    await waitFor(() => client.text.length === 5_010);
    expect(client.text).toBe(`0123456789${'x'.repeat(5_000)}`);
  });

  it('that were delayed keep their place before those that came later without delay', async () => {
    proxy.delay(80);
    const client = new Client(proxy.port);
    client.socket.write('first ');
    await waitFor(() => proxy.connections() === 1);
    await waitFor(() => received.length === 1);
    proxy.pass();
    client.socket.write('second');
    await waitFor(() => client.text === 'first second');
  });

  it('of an answer are cut off after so many', async () => {
    proxy.dropAnswer(3);
    const client = new Client(proxy.port);
    client.socket.write('order');
    await waitFor(() => client.closed);
    expect('ord'.startsWith(client.text)).toBe(true);
  });
});
