import { assertValidTemplate, createTemplate, deleteTemplate, idempotently, updateTemplate } from '@deptracker/application';
import { DomainError, TEMPLATE_PURPOSES } from '@deptracker/domain';
import { findDeployment, findEvent, findOutside, findTemplate, listTemplates } from '@deptracker/store';
import { type PreviewSubject, compileTemplate, exampleSubject, previewTemplate } from '@deptracker/views';
import { decodeCursor, encodeCursor } from '../../http/cursor.js';
import { requestIdOf } from '../../http/arrival.js';
import { sendTagged } from '../../http/send-tagged.js';
import { tellCreated } from '../../http/tell-created.js';
import { noDeployment } from '../deployment-id.js';
import { asUuid } from '../fields.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { mistakesIn, presentBuiltIn, presentPreview, presentTemplate, presentVariables } from './present.js';
import type { CreateBody, ListQuery, PreviewBody, UpdateBody } from './schema.js';
import { builtInPurpose, noTemplate } from './template-id.js';

interface Identified {
  readonly params: { readonly id: string };
}

interface Creation {
  readonly headers: { readonly key: string | null; readonly actor: string | null };
  readonly body: CreateBody;
}

interface Change extends Identified {
  readonly headers: { readonly expectedRevision: number | null; readonly actor: string | null };
}

/** The id of the template that a page ended with; a cursor may come from anybody. */
function asId([id]: readonly unknown[]): string | null {
  if (typeof id !== 'string') return null;
  return builtInPurpose(id) ?? asUuid(id);
}

/** GET /templates. The built-in ones stand before all others. */
export async function list({ database }: RouteOptions, { query, response }: Call<{ query: ListQuery }>): Promise<void> {
  const { limit, cursor, ...filter } = query;
  const after = decodeCursor(cursor, asId);
  const last = after === null ? null : builtInPurpose(after);
  const begun = after === null ? 0 : last === null ? TEMPLATE_PURPOSES.length : TEMPLATE_PURPOSES.indexOf(last) + 1;
  const builtIn = TEMPLATE_PURPOSES.slice(begun)
    .filter((purpose) => filter.project === undefined && (filter.purpose ?? purpose) === purpose)
    .map(presentBuiltIn);
  const stored = await listTemplates(database, filter, { after: last === null ? after : null, limit: limit + 1 });
  const found = [...builtIn, ...stored.map(presentTemplate)];
  const data = found.slice(0, limit);
  const end = data.at(-1);
  response.json({ data, nextCursor: encodeCursor(found.length > limit && end !== undefined ? [end.id] : null) });
}

/** POST /templates */
export async function create(options: RouteOptions, { headers, body, request, response }: Call<Creation>): Promise<void> {
  const { key, actor } = headers;
  const context = { actor, requestId: requestIdOf(response) };
  const { idempotencyTtlSeconds: ttlSeconds } = options;
  const answer = await idempotently(options.database, { operation: 'createTemplate', key, body, ttlSeconds }, async (uow) => ({
    status: 201,
    body: presentTemplate(await createTemplate(uow, mistakesIn, body, context)),
  }));
  options.templates.forget();
  tellCreated(request, response, `/templates/${answer.body.id}`, answer);
  sendTagged(request, response, answer.body);
}

/** GET /templates/:id */
export async function get({ database }: RouteOptions, { params: { id }, request, response }: Call<Identified>): Promise<void> {
  const purpose = builtInPurpose(id);
  const template = purpose === null ? await findTemplate(database, id) : null;
  if (purpose === null && template === null) throw noTemplate(id);
  sendTagged(request, response, template === null ? presentBuiltIn(purpose ?? 'notice') : presentTemplate(template));
}

function assertStored(id: string): void {
  if (builtInPurpose(id) === null) return;
  throw new DomainError({ code: 'template_built_in' }, `The template ${id} is built in; store one of your own for this purpose with POST /templates.`);
}

/** PUT /templates/:id */
export async function update(options: RouteOptions, call: Call<Change & { readonly body: UpdateBody }>): Promise<void> {
  const { params: { id }, headers, body: { body }, request, response } = call;
  assertStored(id);
  const seen = { id, ...headers, requestId: requestIdOf(response) };
  const template = await updateTemplate(options.database, mistakesIn, { ...seen, body });
  options.templates.forget();
  sendTagged(request, response, presentTemplate(template));
}

/** DELETE /templates/:id */
export async function remove(options: RouteOptions, { params: { id }, headers, response }: Call<Change>): Promise<void> {
  assertStored(id);
  await deleteTemplate(options.database, { id, ...headers, requestId: requestIdOf(response) });
  options.templates.forget();
  response.status(204).end();
}

/** GET /templates/variables */
export function variables(_options: RouteOptions, { response }: Call): void {
  response.json(presentVariables());
}

async function subjectOf({ database }: RouteOptions, id: string): Promise<PreviewSubject> {
  const [deployment, outside] = await Promise.all([findDeployment(database, id), findOutside(database, [id])]);
  const event = deployment === null ? null : await findEvent(database, id, deployment.revision);
  if (deployment === null || event === null) throw noDeployment(id);
  return { deployment, event, ticket: outside.get(id)?.ticket ?? null };
}

/** POST /templates/preview */
export async function preview(options: RouteOptions, { body, response }: Call<{ body: PreviewBody }>): Promise<void> {
  const { purpose, deploymentId = null, project } = body;
  const compiled = compileTemplate(purpose, body.body);
  if ('mistakes' in compiled) return assertValidTemplate(() => compiled.mistakes, purpose, body.body);
  const found = deploymentId === null ? exampleSubject(purpose) : await subjectOf(options, deploymentId);
  const subject = project === undefined ? found : { ...found, deployment: { ...found.deployment, project } };
  response.json(presentPreview(purpose, deploymentId, previewTemplate(compiled.template, subject, await options.templates.get())));
}
