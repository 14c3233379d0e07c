import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { answerReader } from '../dist/load/answer-reader.js';
import { answerOn, openConnections } from '../dist/load/connections.js';
import { listening } from './listening.js';

describe('reading answers', () => {
  const ANSWERS = [
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nfünf',
    'HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
  ];

  it.each([1, 2, 7, 10_000])('tells each status once when its last byte has come, %i bytes at a time', (size) => {
    const told: string[] = [];
    const read = answerReader((status) => told.push(`told ${status}`));
    for (const answer of ANSWERS) {
      const bytes = Buffer.from(answer);
      for (let from = 0; from < bytes.length; from += size) read(bytes.subarray(from, from + size));
      told.push('sent');
    }

    expect(told).toEqual(['told 200', 'sent', 'told 404', 'sent', 'told 304', 'sent']);
  });

  it('refuses what does not say how long it is, and what is longer than it says', () => {
    const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n');
    const long = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}');

    expect(() => answerReader(() => undefined)(chunked)).toThrow(/without Content-Length: HTTP\/1.1 200 OK/);
    expect(() => answerReader(() => undefined)(long)).toThrow('longer than it says');
  });
});

it('opens a connection anew that the server has ended, and says when an answer fails', async () => {
  const url = await listening(createServer(({ url: path, socket }, response) => {
    if (path === '/reset') socket.destroy();
    else response.setHeader('connection', 'close').end(path);
  }));
  const connections = await openConnections(url, 1);

  const statuses: (number | null)[] = [];
  for (const path of ['/one', '/reset', '/two']) statuses.push(await answerOn(connections, { method: 'GET', path }));
  connections.close();

  expect(statuses).toEqual([200, null, 200]);
});

it('does not open connections to a server whose answers it cannot read', async () => {
  const url = await listening(createServer((_request, response) => { response.write('{'); response.end('}'); }));

  await expect(openConnections(url, 3)).rejects.toThrow(/none with a Content-Length/);
});
