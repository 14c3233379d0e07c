import { IncomingMessage, ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bornPrototypes } from '../dist/http/born-prototypes.js';

const app = express();
let before: object | null = null;
app.use((request, response, next) => {
  before = Object.getPrototypeOf(request) as object;
  response.locals['seen'] = true;
  next();
});
const router = express.Router();
router.get('/all/:id', (request: Request, response: Response) => {
  response
    .status(202)
    .set('X-One', '1')
    .append('X-One', '2')
    .type('json')
    .location('/there')
    .vary('Accept')
    .cookie('a', 'b')
    .links({ next: '/n' })
    .send({
      header: request.get('X-Given'),
      is: request.is('json'),
      accepts: request.accepts(['json', 'html']),
      path: request.path,
      base: request.baseUrl,
      original: request.originalUrl,
      query: request.query,
      params: request.params,
      ip: request.ip,
      protocol: request.protocol,
      secure: request.secure,
      xhr: request.xhr,
      hostname: request.hostname,
      fresh: request.fresh,
      subdomains: request.subdomains,
      sameApp: request.app === app && response.app === app,
      linked: request.res === response && response.req === request,
      classes: request instanceof IncomingMessage && response instanceof ServerResponse,
      locals: response.locals['seen'],
    });
});
router.get('/redirect', (_request, response) => response.redirect(303, '/x'));
router.get('/status', (_request, response) => {
  response.sendStatus(418);
});
app.use('/base', router);

async function serve(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const servers: ReturnType<typeof createServer>[] = [];
let urls: string[];
beforeAll(async () => {
  const stock = createServer(app);
  const urlOfStock = await serve(stock);
  const stockAnswers = await answers(urlOfStock);
  const born = createServer(bornPrototypes(app), app);
  servers.push(stock, born);
  urls = [await serve(born)];
  expected = stockAnswers;
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

let expected: unknown[];

async function answers(url: string): Promise<unknown[]> {
  const all = ['/base/all/7?a=1&b=2', '/base/redirect', '/base/status', '/none'].map(async (path) => {
    const response = await fetch(url + path, { redirect: 'manual', headers: { 'X-Given': 'g', 'X-Requested-With': 'XMLHttpRequest' } });
    const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
    return { status: response.status, headers, body: (await response.text()).replaceAll(url, '') };
  });
  return Promise.all(all);
}

describe('born prototypes', () => {
  it('answer through every helper of Express as it does itself', async () => {
    expect(await answers(urls[0] ?? '')).toEqual(expected);
  });

  it('are the very prototypes that Express would set, so that setting them does nothing', async () => {
    await answers(urls[0] ?? '');
    expect(before).toBe(app.request);
    expect(Object.getPrototypeOf(app.request)).toBe(IncomingMessage.prototype);
    expect(Object.getPrototypeOf(app.response)).toBe(ServerResponse.prototype);
  });
});
