import type { History } from '../history.js';
import type { Stored } from './stored.js';

/** Every answer that was a promise is kept: the row is there, with the body, once. */
export function checkOrders(history: History, { deployments }: Stored): string[] {
  const byId = new Map(deployments.map((row) => [row.id, row]));
  const asked = new Set(history.orders.map(({ body }) => body['version']));
  const problems = deployments.filter(({ version }) => !asked.has(version)).map(({ id }) => `${id}: nobody has ordered it`);
  for (const { name, body, ids, keyed, tries } of history.orders) {
    if (ids.size > 1) problems.push(`order ${name} was answered with ${ids.size} ids: ${[...ids].join(', ')}`);
    if (ids.size === 0 && keyed) problems.push(`order ${name} was never answered, in ${tries} tries`);
    const stored = deployments.filter(({ version }) => version === body['version']);
    if (stored.length > (keyed ? 1 : tries)) problems.push(`order ${name} is stored ${stored.length} times`);
    for (const id of ids) {
      const row = byId.get(id);
      if (row === undefined) {
        problems.push(`LOST: order ${name} was answered with ${id}, which is not stored`);
        continue;
      }
      const shown = {
        project: row.project,
        environment: row.environment,
        version: row.version,
        description: row.description,
        metadata: row.metadata,
        requestedBy: row.requested_by,
        ...(row.source === null ? {} : { source: row.source, externalId: row.external_id }),
      };
      if (canonical(shown) !== canonical(body)) problems.push(`order ${name} is stored as ${JSON.stringify(shown)}`);
    }
  }
  return problems;
}

const canonical = (value: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));

/** A status that was answered 200 is in the deployment's past. */
export function checkUpdates(history: History, { events }: Stored): string[] {
  return history.updates.flatMap(({ deploymentId, status, answer }) => {
    if (answer === null) return [`${deploymentId}: nobody answered to the status ${status}`];
    const there = events.some((event) => event.deployment_id === deploymentId && event.data.to === status);
    return answer === 200 && !there ? [`LOST: ${deploymentId} was told that it is ${status} and never was`] : [];
  });
}


/** The project came to be with its first deployment: once, and an event says so. */
export function checkSettings({ deployments, settings }: Stored): string[] {
  const created = settings.filter(({ type }) => type === 'project.created');
  if (deployments.length > 0 && created.length !== 1) return [`${created.length} events say that the project was created`];
  return settings.length > created.length ? [`the project was changed by nobody: ${settings.map(({ type }) => type).join(', ')}`] : [];
}
