import type { Queue } from 'bull';
import type { RequestHandler } from 'express';
import type { ObjectSchema } from 'joi';
import type { Knex } from 'knex';
import { v7 as uuidv7 } from 'uuid';
import { createBody, listQuery, updateBody } from '../../../apps/api/dist/routes/deployments/schema.js';
import { type BaselineRow, present } from './present.js';

const DAY_MS = 86_400_000;
const FILTERS = { project: 'project', environment: 'environment', status: 'status', approval: 'approval_status', requestedBy: 'requested_by' } as const;

export interface Parts {
  readonly db: Knex;
  readonly queues: { readonly jira: Queue; readonly slack: Queue };
}

const invalid = { title: 'The request is not valid' };
const missing = { title: 'There is no such deployment' };

interface OutsideRow extends Readonly<Record<string, unknown>> {
  deployment_id: string;
}

function valid<T>(schema: ObjectSchema<T>, given: unknown): { readonly error: Error | undefined; readonly value: T } {
  const result = schema.validate(given, { abortEarly: false });
  return { error: result.error, value: result.value as T };
}

async function outside(db: Knex, ids: readonly string[]) {
  const decisions = await db<OutsideRow>('decisions').select('*').whereIn('deployment_id', ids);
  const tickets = await db<OutsideRow>('jira_tickets').select('*').whereIn('deployment_id', ids);
  const messages = await db<OutsideRow>('slack_messages').select('*').whereIn('deployment_id', ids);
  return { decisions, tickets, messages };
}

/** POST: deployment, event and two effects in a transaction, then a job for each effect. */
export const create = ({ db, queues }: Parts): RequestHandler => async (request, response) => {
  const { error, value: body } = valid(createBody, request.body);
  if (error !== undefined) {
    response.status(400).json({ ...invalid, detail: error.message });
    return;
  }
  const id = uuidv7();
  const effects = ['jira.ticket', 'slack.approval'].map((kind) => ({ id: uuidv7(), kind, deployment_id: id, desired_revision: 1, next_attempt_at: new Date() }));
  const row = await db.transaction(async (trx) => {
    const [inserted] = (await trx('deployments')
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
        approval_expires_at: new Date(Date.now() + DAY_MS),
      })
      .returning('*')) as BaselineRow[];
    await trx('events').insert({ id: uuidv7(), deployment_id: id, revision: 1, type: 'deployment.created', actor: body.requestedBy, data: JSON.stringify({ request: body }) });
    await trx('effects').insert(effects);
    if (inserted === undefined) throw new Error('nothing was inserted');
    return inserted;
  });
  await queues.jira.add({ effectId: effects[0]?.id });
  await queues.slack.add({ effectId: effects[1]?.id });
  response.status(201).json(present(row, [], null, []));
};

export const get = ({ db }: Parts): RequestHandler<{ id: string }> => async ({ params: { id } }, response) => {
  const row = await db<BaselineRow>('deployments').where({ id }).first();
  if (row === undefined) {
    response.status(404).json(missing);
    return;
  }
  const { decisions, tickets, messages } = await outside(db, [id]);
  response.json(present(row, decisions, tickets[0], messages));
};

/** PUT of what can be edited. */
export const update = ({ db, queues }: Parts): RequestHandler<{ id: string }> => async (request, response) => {
  const { id } = request.params;
  const { error, value: body } = valid(updateBody, request.body);
  if (error !== undefined) {
    response.status(400).json({ ...invalid, detail: error.message });
    return;
  }
  const row = await db.transaction(async (trx) => {
    const found = await trx<BaselineRow>('deployments').where({ id }).forUpdate().first();
    if (found === undefined) return undefined;
    const revision = found.revision + 1;
    const [changed] = (await trx('deployments').where({ id }).update({ revision, description: body.description, updated_at: trx.fn.now() }).returning('*')) as BaselineRow[];
    await trx('events').insert({ id: uuidv7(), deployment_id: id, revision, type: 'deployment.updated', data: JSON.stringify(body) });
    await trx('effects').where({ deployment_id: id }).update({ desired_revision: revision, next_attempt_at: trx.fn.now() });
    return changed;
  });
  if (row === undefined) {
    response.status(404).json(missing);
    return;
  }
  await queues.jira.add({ deploymentId: id });
  await queues.slack.add({ deploymentId: id });
  const { decisions, tickets, messages } = await outside(db, [id]);
  response.json(present(row, decisions, tickets[0], messages));
};

export const list = ({ db }: Parts): RequestHandler => async (request, response) => {
  const { error, value: query } = valid(listQuery, request.query);
  if (error !== undefined) {
    response.status(400).json({ ...invalid, detail: error.message });
    return;
  }
  const select = db<BaselineRow>('deployments').orderBy('created_at', 'desc').limit(query.limit);
  for (const [name, column] of Object.entries(FILTERS)) {
    const value = query[name as keyof typeof FILTERS];
    if (value !== undefined) select.where(column, value);
  }
  const rows = await select;
  const { decisions, tickets, messages } = await outside(db, rows.map(({ id }) => id));
  const of = (all: readonly OutsideRow[], id: string): OutsideRow[] => all.filter((one) => one.deployment_id === id);
  const data = rows.map((row) => present(row, of(decisions, row.id), of(tickets, row.id)[0], of(messages, row.id)));
  response.json({ data, nextCursor: null });
};
