import type { Contender } from '../contender.js';
import type { LoadRequest, Requests } from '../load/load-request.js';
import { SERIAL, numbered } from '../load/serials.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const PROJECTS = 50;
/** So many that each project comes with each environment, person and minor version that it can. */
const VARIANTS = 300;

/** One of the creates that pipelines send; each time that it is sent another one. */
export function createRequest(variant: number, environment?: string): LoadRequest {
  const project = `service-${variant % PROJECTS}`;
  const body = {
    project,
    environment: environment ?? (variant % 3 === 0 ? 'production' : 'staging'),
    version: `2.${variant % 100}.${SERIAL}`,
    commitSha: SERIAL.padStart(40, '0'),
    ref: 'refs/heads/main',
    description: 'Raises the limit of the connection pool and mends the time-out of the export.',
    requestedBy: `person-${variant % 20}@example.com`,
    source: 'ci',
    links: [{ title: 'Pipeline', url: `https://ci.example.com/${project}/${SERIAL}` }],
    metadata: { pipeline: SERIAL, region: 'eu-central-1' },
  };
  return { method: 'POST', path: '/api/deployments', headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** Creates of all projects by all people, of which no two that are sent are the same. */
export function createRequests(environment?: string): Requests {
  return Array.from({ length: VARIANTS }, (_, variant) => createRequest(variant, environment));
}

/** A change of what can be edited; each time that it is sent another one. */
export function updateRequest(id: string): LoadRequest {
  return { method: 'PUT', path: `/api/deployments/${id}`, headers: JSON_TYPE, body: JSON.stringify({ description: `Says more, for the ${SERIAL}th time.` }) };
}

export const getRequest = (id: string): LoadRequest => ({ method: 'GET', path: `/api/deployments/${id}` });

/** Sends one request and gives the answer's body; an error for 400 and above. */
export async function ask<T>(url: string, { method, path, headers = {}, body }: LoadRequest): Promise<T> {
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: numbered(body) }) });
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
      ids[place] = (await ask<{ id: string }>(url, createRequest(place, environment))).id;
    }
  });
  await Promise.all(makers);
  return ids;
}
