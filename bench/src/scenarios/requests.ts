import type { LoadRequest } from '../load/closed-loop.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const PROJECTS = 50;
let serial = 0;

/** A create as a pipeline sends it; no two are the same. */
export function createRequest(): LoadRequest {
  serial += 1;
  const project = `service-${String(serial % PROJECTS)}`;
  const body = {
    project,
    environment: serial % 3 === 0 ? 'production' : 'staging',
    version: `2.${String(serial % 100)}.${String(serial)}`,
    commitSha: serial.toString(16).padStart(40, '0'),
    ref: 'refs/heads/main',
    description: 'Raises the limit of the connection pool and mends the time-out of the export.',
    requestedBy: `person-${String(serial % 20)}@example.com`,
    source: 'ci',
    links: [{ title: 'Pipeline', url: `https://ci.example.com/${project}/${String(serial)}` }],
    metadata: { pipeline: serial, region: 'eu-central-1' },
  };
  return { method: 'POST', path: '/api/deployments', headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** Reads these ids in turn. */
export function getRequests(ids: readonly string[]): () => LoadRequest {
  let turn = 0;
  return () => {
    turn += 1;
    return { method: 'GET', path: `/api/deployments/${ids[turn % ids.length] ?? ''}` };
  };
}
