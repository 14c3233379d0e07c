// What one would write first: Express as it comes, knex, a transaction, a job added per effect. It does the same creates,
// changes and reads with the same validation and the same answers, and nothing to be quick.
import Bull from 'bull';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import knex from 'knex';
import { Counter, Histogram, collectDefaultMetrics, register } from 'prom-client';
import winston from 'winston';
import { create, get, list, update } from './handlers.js';

const { DATABASE_URL: connection = '', REDIS_URL: redis = '', PORT: port = '0' } = process.env;

const db = knex({ client: 'pg', connection, pool: { min: 0, max: 10 } });
const parts = { db, queues: { jira: new Bull('jira', redis), slack: new Bull('slack', redis) } };
const logger = winston.createLogger({ format: winston.format.combine(winston.format.timestamp(), winston.format.json()), transports: [new winston.transports.Console()] });

collectDefaultMetrics();
const requests = new Counter({ name: 'http_requests_total', help: 'Requests', labelNames: ['method', 'route', 'status'] });
const seconds = new Histogram({ name: 'http_request_duration_seconds', help: 'Durations', labelNames: ['method', 'route'] });

const observe: RequestHandler = (request, response, next) => {
  const stop = seconds.startTimer();
  response.on('finish', () => {
    const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
    stop({ method: request.method, route });
    requests.inc({ method: request.method, route, status: response.statusCode });
    logger.info('request', { method: request.method, path: request.path, status: response.statusCode });
  });
  next();
};

const failed: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  logger.error('request failed', { error: String(error) });
  response.status(500).json({ title: 'Something went wrong' });
};

const app = express();
app.get('/health/ready', (_request, response) => void response.json({ status: 'ready' }));
app.get('/metrics', async (_request, response) => void response.type(register.contentType).send(await register.metrics()));
app.use(observe, helmet(), rateLimit({ windowMs: 60_000, limit: 100_000_000 }), express.json());
app.post('/api/deployments', create(parts));
app.get('/api/deployments', list(parts));
app.get('/api/deployments/:id', get(parts));
app.put('/api/deployments/:id', update(parts));
app.use(failed);
app.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
