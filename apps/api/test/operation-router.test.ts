import express from 'express';
import Joi from 'joi';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { type Operation, operation } from '../dist/routes/operation.js';
import { operationRouter } from '../dist/routes/operation-router.js';

const common = { tag: 'Deployments', summary: 's', answers: { 200: { description: 'd' } }, example: {} } as const;
const number = {
  schema: Joi.string().pattern(/^\d+$/).custom(Number),
  description: 'd',
  problem: 'not-found',
  missing: (text: string) => new Error(`no ${text}`),
} as const;

const operations: readonly Operation[] = [
  operation({
    ...common, method: 'get', path: '/things/:id', operationId: 'getThing', params: { id: number },
    query: Joi.object<{ q?: string }>({ q: Joi.string() }),
    handle: (_options, { params, query, response }) => {
      response.json({ params, query });
    },
  }),
  operation({
    ...common, method: 'post', path: '/things/batch', operationId: 'createThings', body: Joi.object<{ a: number }>({ a: Joi.number().required() }),
    headers: { token: { name: 'X-Token', schema: Joi.string(), description: 'd', read: (from) => from.get('x-token') ?? null } },
    handle: (_options, { body, headers, response }) => {
      response.json({ body, headers });
    },
  }),
];

const app = express();
app.use(operationRouter(operations, { jsonBody: express.json() } as never));
app.use(((error: Error, _request, response, _next) => {
  response.status(400).json({ message: error.message });
}) as express.ErrorRequestHandler);

describe('a table of operations', () => {
  it('gives its handlers what the schemas made of the request', async () => {
    expect((await request(app).get('/things/7?q=x')).body).toEqual({ params: { id: 7 }, query: { q: 'x' } });
    expect((await request(app).post('/things/batch').set('X-Token', 't').send({ a: 1 })).body).toEqual({ body: { a: 1 }, headers: { token: 't' } });
  });

  it('refuses parameters, queries and bodies that do not fit', async () => {
    expect((await request(app).get('/things/x')).body).toEqual({ message: 'no x' });
    expect((await request(app).get('/things/7?p=x')).status).toBe(400);
    expect((await request(app).post('/things/batch?q=1').send({ a: 1 })).status).toBe(400);
    expect((await request(app).post('/things/batch').send({ a: 'x' })).status).toBe(400);
  });

  it('puts a name before a parameter, in whatever order they are listed', async () => {
    const { status, body } = await request(app).get('/things/batch');
    expect([status, body.message]).toEqual([400, 'GET is not possible here; POST, OPTIONS are.']);
  });
});
