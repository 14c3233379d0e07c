import type { Contender } from '../contender.js';
import type { LoadRequest } from '../load/load-request.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const PROJECTS = 50;
let serial = 0;

/** A create as a pipeline sends it; no two are the same. */
export function createRequest(environment?: string): LoadRequest {
  serial += 1;
  const project = `service-${serial % PROJECTS}`;
  const body = {
    project,
    environment: environment ?? (serial % 3 === 0 ? 'production' : 'staging'),
    version: `2.${serial % 100}.${serial}`,
    commitSha: serial.toString(16).padStart(40, '0'),
    ref: 'refs/heads/main',
    description: 'Raises the limit of the connection pool and mends the time-out of the export.',
    requestedBy: `person-${serial % 20}@example.com`,
    source: 'ci',
    links: [{ title: 'Pipeline', url: `https://ci.example.com/${project}/${serial}` }],
    metadata: { pipeline: serial, region: 'eu-central-1' },
  };
  return { method: 'POST', path: '/api/deployments', headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** A change of what can be edited. */
export function updateRequest(id: string): LoadRequest {
  serial += 1;
  return { method: 'PUT', path: `/api/deployments/${id}`, headers: JSON_TYPE, body: JSON.stringify({ description: `Says more, for the ${serial}th time.` }) };
}

export const getRequest = (id: string): LoadRequest => ({ method: 'GET', path: `/api/deployments/${id}` });

/** Sends one request and gives the answer's body; an error for 400 and above. */
export async function ask<T>(url: string, { method, path, headers = {}, body }: LoadRequest): Promise<T> {
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

/** Makes so many deployments and gives their ids. */
export async function makeDeployments({ urls: [url] }: Pick<Contender, 'urls'>, count: number, environment?: string): Promise<string[]> {
  const ids: string[] = [];
  const makers = Array.from({ length: Math.min(8, count) }, async () => {
    // A place is taken before the answer is there, so that there are not more in the end.
    while (ids.length < count) {
      const place = ids.push('') - 1;
      ids[place] = (await ask<{ id: string }>(url, createRequest(environment))).id;
    }
  });
  await Promise.all(makers);
  return ids;
}
