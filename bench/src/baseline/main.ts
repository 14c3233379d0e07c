// What one would write first: Express as it comes, knex, a transaction, a job added per effect. It does the same creates
// and reads on the same tables with the same validation, and nothing to be quick.
import Bull from 'bull';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import knex from 'knex';
import { Counter, Histogram, collectDefaultMetrics, register } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import winston from 'winston';
import { createBody, listQuery } from '../../../apps/api/dist/routes/deployments/schema.js';
import { type BaselineRow, present } from './present.js';

const { DATABASE_URL: connection = '', REDIS_URL: redis = '', PORT: port = '0' } = process.env;

const db = knex({ client: 'pg', connection, pool: { min: 0, max: 10 } });
const queues = { jira: new Bull('jira', redis), slack: new Bull('slack', redis) };
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

const EFFECTS = [
  { kind: 'jira.ticket', target: 'jira', destination: '', priority: 2 },
  { kind: 'slack.approval', target: 'slack', destination: 'C0BENCH', priority: 1 },
] as const;

const columns = { project: 'project', environment: 'environment', status: 'status', approval: 'approval_status', requestedBy: 'requested_by' } as const;

const create: RequestHandler = async (request, response) => {
  const { error, value: body } = createBody.validate(request.body, { abortEarly: false });
  if (error !== undefined) {
    response.status(400).json({ title: 'The request is not valid', detail: error.message });
    return;
  }
  const id = uuidv7();
  const effects = EFFECTS.map((one) => ({ ...one, id: uuidv7(), deployment_id: id, desired_revision: 1, next_attempt_at: new Date() }));
  const row = await db.transaction(async (trx) => {
    const expires = new Date(Date.now() + 86_400_000);
    const [inserted] = await trx<BaselineRow>('deployments')
      .insert({
        id,
        revision: 1,
        project: body.project,
        environment: body.environment,
        version: body.version,
        commit_sha: body.commitSha,
        ref: body.ref,
        description: body.description,
        requested_by: body.requestedBy,
        source: body.source,
        external_id: body.externalId,
        links: JSON.stringify(body.links),
        metadata: JSON.stringify(body.metadata),
        retry_of: body.retryOf,
        status: 'pending',
        approval_status: 'pending',
        approvals_required: 1,
        requester_may_approve: false,
        approval_expires_at: expires,
        channel_id: 'C0BENCH',
        timeout_s: 7200,
        limit_at: expires,
      })
      .returning('*');
    await trx('events').insert({ deployment_id: id, revision: 1, id: uuidv7(), type: 'deployment.created', actor: body.requestedBy, data: JSON.stringify({ request: body }) });
    await trx('effects').insert(effects);
    return inserted as BaselineRow;
  });
  await queues.jira.add({ effectId: effects[0]?.id });
  await queues.slack.add({ effectId: effects[1]?.id });
  response.status(201).json(present(row, [], null, []));
};

const get: RequestHandler<{ id: string }> = async (request, response) => {
  const { id } = request.params;
  const row = await db<BaselineRow>('deployments').where({ id }).first();
  if (row === undefined) {
    response.status(404).json({ title: 'There is no such deployment' });
    return;
  }
  const decisions = await db('decisions').where({ deployment_id: id }).orderBy('at');
  const ticket = await db('jira_tickets').where({ deployment_id: id }).first();
  const messages = await db('slack_messages').where({ deployment_id: id });
  response.json(present(row, decisions, ticket, messages));
};

const list: RequestHandler = async (request, response) => {
  const { error, value: query } = listQuery.validate(request.query, { abortEarly: false });
  if (error !== undefined) {
    response.status(400).json({ title: 'The request is not valid', detail: error.message });
    return;
  }
  const select = db<BaselineRow>('deployments').orderBy('created_at', 'desc').limit(query.limit);
  for (const [name, column] of Object.entries(columns)) {
    const value = query[name as keyof typeof columns];
    if (value !== undefined) select.where(column, value);
  }
  const rows = await select;
  const ids = rows.map((row) => row.id);
  const decisions = await db('decisions').whereIn('deployment_id', ids);
  const tickets = await db('jira_tickets').whereIn('deployment_id', ids);
  const messages = await db('slack_messages').whereIn('deployment_id', ids);
  const of = <T extends { deployment_id: string }>(all: readonly T[], id: string): T[] => all.filter((one) => one.deployment_id === id);
  response.json({ data: rows.map((row) => present(row, of(decisions, row.id), of(tickets, row.id)[0] ?? null, of(messages, row.id))), nextCursor: null });
};

const failed: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  logger.error('request failed', { error: String(error) });
  response.status(500).json({ title: 'Something went wrong' });
};

const app = express();
app.get('/health/ready', (_request, response) => void response.json({ status: 'ready' }));
app.get('/metrics', async (_request, response) => void response.type(register.contentType).send(await register.metrics()));
app.use(observe, helmet(), rateLimit({ windowMs: 60_000, limit: 100_000_000 }), express.json());
app.post('/api/deployments', create);
app.get('/api/deployments', list);
app.get('/api/deployments/:id', get);
app.use(failed);
app.listen(Number(port), '127.0.0.1');
