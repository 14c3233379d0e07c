import type { Deployment } from '@deptracker/domain';
import { type Adf, type AdfInline, JIRA_SUMMARY_LIMIT, JIRA_TEXT_LIMIT } from './adf.js';
import { bullets, document, heading, linked, paragraphs, words } from './adf.js';
import { clean, clip, oneLine } from './clip.js';
import { capital } from './event-sentence.js';

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

/** Minutes are enough for a reader, and the zone is said because a ticket is read everywhere. */
const when = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

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
    return words(`${clip(oneLine(actor), room.value)} ${verb} on ${when(at)}${why === '' ? '' : `: ${why}`}`);
  });
  return [words(count), ...each, ...rest(approval.decisions.length, room.items)];
}

function describe(deployment: Deployment, room: Room): Adf {
  return document(
    ...paragraphs(clip(clean(deployment.description ?? ''), room.description)),
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

/**
 * What the ticket says of a deployment: the same for creating and for updating it. The status is not in it: the
 * ticket's own status shows that, and each rewrite of the description would cost a request.
 */
export function ticketFields(deployment: Deployment): { readonly summary: string; readonly description: Adf } {
  const { project, version, environment } = deployment;
  const room = ROOMS.find((one) => JSON.stringify(describe(deployment, one)).length <= JIRA_TEXT_LIMIT);
  return {
    summary: clip(oneLine(`${project} ${version} → ${environment}`), JIRA_SUMMARY_LIMIT),
    description: describe(deployment, room ?? LAST_ROOM),
  };
}
