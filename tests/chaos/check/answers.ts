import type { Answer } from '../client.js';
import { differences } from './orders.js';
import { rowsOf } from './rows-of.js';
import type { DeploymentRow, Stored } from './stored.js';

type Body = Answer['body'];
type Get = (path: string) => Promise<Answer | null>;

/** The longest page. */
const PAGE = 200;

/** What the API has to say of a deployment, worked out from the rows a second time. */
function wantedOf(row: DeploymentRow, { decisions, tickets, messages, effects }: Stored): Body {
  const { id, revision, project, environment, version, description, source, metadata, status } = row;
  const [ticket] = rowsOf(tickets, 'deployment_id', id);
  const mine = new Set(effects.flatMap((effect) => (effect.deployment_id === id ? [effect.id] : [])));
  return {
    ...{ id, revision, project, environment, version, description, source, metadata, status },
    requestedBy: row.requested_by,
    externalId: row.external_id,
    createdAt: row.created_at.toISOString(),
    approvalStatus: row.approval_status,
    approvalsRequired: row.approvals_required,
    decided: decisions.flatMap((one) => (one.deployment_id === id ? [`${one.actor} ${one.decision}`] : [])),
    ticketKey: ticket?.key ?? null,
    ticketUrl: ticket?.url ?? null,
    messages: messages.flatMap(({ effect_id: effectId, ts }) => (mine.has(effectId) ? [ts] : [])).sort(),
  };
}

interface Shown {
  readonly approval?: { readonly status: string; readonly required: number; readonly decisions: readonly { readonly actor: string; readonly decision: string }[] };
  readonly ticket?: { readonly key: string; readonly url: string } | null;
  readonly messages?: readonly { readonly ts: string }[];
}

/** A deployment as it was answered, with what is looked at within it named as in `wantedOf`. */
function flat(body: Body): Body {
  const { approval, ticket, messages } = body as Shown;
  return {
    ...body,
    approvalStatus: approval?.status,
    approvalsRequired: approval?.required,
    decided: approval?.decisions.map(({ actor, decision }) => `${actor} ${decision}`),
    ticketKey: ticket?.key ?? null,
    ticketUrl: ticket?.url ?? null,
    messages: messages?.map(({ ts }) => ts).sort(),
  };
}

/** What differs between a deployment as it was answered and as it is stored. */
export function checkShown(row: DeploymentRow, stored: Stored, { status, body }: Pick<Answer, 'status' | 'body'>): string[] {
  if (status !== 200) return [`${row.id}: reading it was answered ${status}`];
  return differences(wantedOf(row, stored), flat(body)).map((words) => `${row.id} is shown with ${words}`);
}

/** The newest deployments of a project are all of them, once each, and shown as each by itself. */
export function checkListed(stored: Stored, { status, body }: Pick<Answer, 'status' | 'body'>): string[] {
  const data = (body['data'] ?? []) as readonly Body[];
  const ids = (all: readonly { readonly id?: unknown }[]): string => all.map(({ id }) => String(id)).sort().join();
  if (status !== 200 || body['nextCursor'] !== null) return [`the list was answered ${status}, with more to come: ${String(body['nextCursor'])}`];
  if (ids(data) !== ids(stored.deployments)) return [`the list holds ${ids(data)}, stored are ${ids(stored.deployments)}`];
  return stored.deployments.flatMap((row) => checkShown(row, stored, { status, body: data.find(({ id }) => id === row.id) ?? {} }));
}

/** Asks for every deployment of a project, and for the list of them. */
export async function checkAnswers(get: Get, stored: Stored, project: string): Promise<string[]> {
  const unanswered = { status: 0, body: {} };
  const one = async (row: DeploymentRow): Promise<string[]> => checkShown(row, stored, (await get(`/api/deployments/${row.id}`)) ?? unanswered);
  const listed = await get(`/api/deployments?project=${encodeURIComponent(project)}&limit=${PAGE}`);
  return [...(await Promise.all(stored.deployments.map(one))).flat(), ...checkListed(stored, listed ?? unanswered).map((words) => `in the list: ${words}`)];
}
