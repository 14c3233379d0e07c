import type { Deployment } from '@deptracker/domain';
import { type Adf, type AdfInline, JIRA_TEXT_LIMIT } from './adf.js';
import { bullets, document, heading, linked, paragraphs, words } from './adf.js';
import { clip, oneLine } from './clip.js';
import { capital } from './event-sentence.js';
import { ROOM_FOR } from './templates/scene.js';
import { BUILT_IN_TEMPLATES, renderText } from './templates/template-set.js';
import { utcMinutes } from './utc-minutes.js';

/** Characters and counts that one document may use. */
interface Room {
  readonly value: number;
  readonly address: number;
  readonly items: number;
  readonly description: number;
}

/* The widest that fits is used. The last always does: as JSON a character of a description takes at most 25 (a break
   after each one), any other at most two. */
const ROOMS: readonly Room[] = [
  { value: 300, address: 600, items: 20, description: 20_000 },
  { value: 200, address: 300, items: 10, description: 8000 },
  { value: 150, address: 300, items: 10, description: 2000 },
];
const LAST_ROOM: Room = { value: 100, address: 200, items: 8, description: 500 };

const rest = (count: number, shown: number): AdfInline[][] =>
  count > shown ? [words(`… and ${String(count - shown)} more`)] : [];

function facts(deployment: Deployment, room: Room): AdfInline[][] {
  const rows: readonly (readonly [string, string | null])[] = [
    ['Project', deployment.project],
    ['Environment', deployment.environment],
    ['Version', deployment.version],
    ['Commit', deployment.commitSha],
    ['Ref', deployment.ref],
    ['Requested by', deployment.requestedBy ?? 'not given'],
    ['Source', deployment.source],
    ['External id', deployment.externalId],
    ['Retry of', deployment.retryOf],
    ['Rollback of', deployment.rollbackOf],
    ['Promoted from', deployment.promotedFrom],
    ['Deployment', deployment.id],
  ];
  const values = rows.flatMap(([name, value]) => {
    const shown = value === null ? '' : clip(oneLine(value), room.value);
    return shown === '' ? [] : [[...words(`${name}: `, { type: 'strong' }), ...words(shown)]];
  });
  const links = deployment.links.slice(0, room.items).map(({ title, url }) => {
    const shown = clip(oneLine(title), room.value) || clip(oneLine(url), room.value) || '–';
    return [...words('Link: ', { type: 'strong' }), ...linked(shown, url, room.address)];
  });
  return [...values, ...links, ...rest(deployment.links.length, room.items)];
}

function decisions({ approval }: Deployment, room: Room): AdfInline[][] {
  if (approval.status === 'not_required') return [words('No approval was required.')];
  const approvals = approval.decisions.filter(({ decision }) => decision === 'approve').length;
  const count = `${capital(approval.status)}: ${String(approvals)} of ${String(approval.required)} required`;
  const each = approval.decisions.slice(0, room.items).map(({ decision, actor, reason, at }) => {
    const why = clip(oneLine(reason ?? ''), room.value);
    const verb = decision === 'approve' ? 'approved' : 'rejected';
    return words(`${clip(oneLine(actor), room.value)} ${verb} on ${utcMinutes(at)}${why === '' ? '' : `: ${why}`}`);
  });
  return [words(count), ...each, ...rest(approval.decisions.length, room.items)];
}

/** `text` is what the template says. */
function describe(deployment: Deployment, text: string, room: Room): Adf {
  return document(
    ...paragraphs(clip(text, room.description)),
    heading('Deployment'),
    ...bullets(facts(deployment, room)),
    heading('Approval'),
    ...bullets(decisions(deployment, room)),
  );
}

/** The label by which a deployment's ticket is found again. */
export function ticketLabel(deploymentId: string): string {
  return `dep-${deploymentId}`;
}

const subjectOf = (deployment: Deployment) => ({ deployment, event: null, ticket: null, thread: false });

/** The ticket's summary alone. */
export function ticketSummary(deployment: Deployment, templates = BUILT_IN_TEMPLATES): string {
  return renderText(templates, 'ticket-summary', subjectOf(deployment), ROOM_FOR.ticket);
}

/**
 * What the ticket says of a deployment: the same for creating and for updating it. Templates decide the summary and the
 * text at the beginning; facts and decisions follow whatever they are. The status is not in it: the ticket's own status
 * shows that, and each rewrite of the description would cost a request.
 */
export function ticketFields(
  deployment: Deployment,
  templates = BUILT_IN_TEMPLATES,
): { readonly summary: string; readonly description: Adf } {
  const text = renderText(templates, 'ticket-description', subjectOf(deployment), ROOM_FOR.ticket);
  const room = ROOMS.find((one) => JSON.stringify(describe(deployment, text, one)).length <= JIRA_TEXT_LIMIT);
  return {
    summary: ticketSummary(deployment, templates),
    description: describe(deployment, text, room ?? LAST_ROOM),
  };
}
