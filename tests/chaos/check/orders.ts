import type { History } from '../history.js';
import { rowsOf } from './rows-of.js';
import type { Stored } from './stored.js';

/** Every answer that was a promise is kept: the row is there, with the body, once. */
export function checkOrders(history: History, { deployments, events }: Stored): string[] {
  const byId = new Map(deployments.map((row) => [row.id, row]));
  const asked = new Set(history.orders.map(({ body }) => body['version']));
  const problems = deployments.filter(({ version }) => !asked.has(version)).map(({ id }) => `${id}: nobody has ordered it`);
  for (const { name, body, ids, answers, keyed, tries } of history.orders) {
    if (answers.size > 1) problems.push(`order ${name} was answered differently: ${[...answers].join(' and ')}`);
    if (ids.size > 1) problems.push(`order ${name} was answered with ${ids.size} ids: ${[...ids].join(', ')}`);
    if (ids.size === 0 && keyed) problems.push(`order ${name} was never answered, in ${tries} tries`);
    const stored = rowsOf(deployments, 'version', String(body['version']));
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
      const [first] = answers;
      const told = { ...body, id, revision: 1, status: rowsOf(events, 'deployment_id', id).find(({ revision }) => revision === 1)?.data.to };
      const wrong = first === undefined ? [] : differences(told, JSON.parse(first) as Readonly<Record<string, unknown>>);
      if (wrong.length > 0) problems.push(`order ${name} was answered ${wrong.join(', ')}`);
      if (canonical(shown) !== canonical(body)) problems.push(`order ${name} is stored as ${JSON.stringify(shown)}`);
    }
  }
  return problems;
}

const canonical = (value: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));

/** What of `wanted` is shown otherwise, as words. */
export function differences(wanted: Readonly<Record<string, unknown>>, shown: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(wanted).flatMap(([key, value]) =>
    JSON.stringify(shown[key]) === JSON.stringify(value) ? [] : [`${key} ${JSON.stringify(shown[key])} instead of ${JSON.stringify(value)}`],
  );
}

/** The project came to be with its first deployment: once, and an event says so. */
export function checkSettings({ deployments, settings }: Stored): string[] {
  const created = settings.filter(({ type }) => type === 'project.created');
  if (deployments.length > 0 && created.length !== 1) return [`${created.length} events say that the project was created`];
  return settings.length > created.length ? [`the project was changed by nobody: ${settings.map(({ type }) => type).join(', ')}`] : [];
}
