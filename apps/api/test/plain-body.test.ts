import { type Server, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bodyRefusal, jsonBody } from '../dist/http/body.js';

const LIMIT = 200;

/** Answers with what it read, or with why it did not. */
function appWith(parser: RequestHandler): express.Express {
  const app = express();
  app.post('/', parser, (request, response) => response.json({ read: request.body as unknown }));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const refusal = bodyRefusal(error);
    response.status(400).json({ kind: refusal?.kind, message: refusal?.message });
  });
  return app;
}

const servers: Server[] = [];
async function serve(parser: RequestHandler): Promise<number> {
  const server = createServer(appWith(parser));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

let stock: number;
let ours: number;
beforeAll(async () => {
  stock = await serve(express.json({ limit: LIMIT, strict: false }));
  ours = await serve(jsonBody(LIMIT));
});
afterAll(() => {
  for (const server of servers) server.close();
});

interface Sent {
  readonly type: string;
  readonly pieces: readonly Uint8Array[];
  /** Bytes that Content-Length tells beyond those that come. */
  readonly missing: number;
}

/** The whole answer without its date; a connection that is closed gives what it has. */
function answer(port: number, { type, pieces, missing }: Sent): Promise<string> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, missing);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.setNoDelay(true);
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`);
      for (const piece of pieces) socket.write(piece);
      if (missing > 0) socket.end();
    });
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(text.replace(/^Date: .*\r\n/m, '')));
  });
}

const utf8 = (text: string): Uint8Array => Buffer.from(text);
const bytes = fc.oneof(
  fc.json().map(utf8),
  fc.json().map((text) => utf8(`\uFEFF${text}`)),
  fc.string().map(utf8),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => utf8(JSON.stringify(text))),
  fc.uint8Array({ minLength: 1, maxLength: LIMIT + 20 }),
  fc.constantFrom(utf8('\uFEFF'), utf8(' '), utf8('{"a":1,}'), utf8('nope'), utf8('"\u{1F600}é"'), Buffer.from('22c328a022', 'hex')),
);
const sent = fc.record({
  type: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8', 'application/json; charset=UTF-8', 'application/json; charset=utf-16'),
  pieces: fc.tuple(bytes, fc.nat(LIMIT)).map(([all, at]) => [all.slice(0, at), all.slice(at)].filter((piece) => piece.length > 0)),
  missing: fc.constantFrom(0, 0, 0, 5),
});

it('reads whatever Express itself would read, and refuses the rest with the same words', async () => {
  await fc.assert(
    fc.asyncProperty(sent, async (one) => {
      fc.pre(one.pieces.length > 0);
      expect(await answer(ours, one)).toBe(await answer(stock, one));
    }),
    { numRuns: 400 },
  );
});
