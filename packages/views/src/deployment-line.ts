import type { Deployment } from '@deptracker/domain';
import { STATUS_RULES } from '@deptracker/domain';
import type { TicketLink } from './approval-message.js';
import { joinWithin, line, link, person, time } from './mrkdwn.js';

/** What goes where: `*user-service* 1.4.0 → production`, at most 200 characters. */
export function subjectOf({ project, version, environment }: Pick<Deployment, 'project' | 'version' | 'environment'>): string {
  return `*${line(project, 70)}* ${line(version, 60)} → ${line(environment, 60)}`;
}

/** How a deployment stands, who asked for it, since when, and where to read on; at most 1,200 characters. */
export function deploymentLine(deployment: Deployment, ticket: TicketLink | null): string {
  const { status, requestedBy, createdAt, links } = deployment;
  const { emoji, label } = STATUS_RULES[status];
  const who = requestedBy === null ? [] : [person(requestedBy, 100)];
  const more = [...(ticket === null ? [] : [link(ticket.url, ticket.key, 300)]), ...links.map(({ url, title }) => link(url, title, 300))];
  const facts = [label, ...who, time(createdAt), ...(more.length === 0 ? [] : [joinWithin(more, ' · ', 600)])];
  return `${emoji} ${subjectOf(deployment)}\n${facts.join(' · ')}`;
}
