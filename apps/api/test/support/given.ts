import type { Documented, Sent } from './contract.js';
import { signed } from './slack-stub.js';
import type { TestApi } from './start-test-api.js';

type Given = (api: TestApi, sent: Sent) => Promise<Sent>;

/** Lets a request meet a deployment that there is. */
const aDeployment: Given = async (api, sent) => ({ ...sent, params: { ...sent.params, id: (await api.create()).id } });

const change = (api: TestApi, id: string, what: string, body: object) => api.call('PUT', `/api/deployments/${id}${what}`, body);

/** One that people have approved. */
const anApproved: Given = async (api, sent) => {
  const { id } = await api.create();
  await change(api, id, '/approval', { decision: 'approve', approver: 'bob@example.com' });
  return { ...sent, params: { ...sent.params, id } };
};

let projects = 0;

/** One that has succeeded, the last one of its project. */
const aSucceeded: Given = async (api, sent) => {
  const { id } = await api.create({ project: `succeeded-${(projects += 1)}` });
  await change(api, id, '/approval', { decision: 'approve', approver: 'bob@example.com' });
  for (const status of ['in_progress', 'succeeded']) await change(api, id, '', { status });
  return { ...sent, params: { ...sent.params, id } };
};

let templates = 0;

/** A stored template. */
const aTemplate: Given = async (api, sent) => {
  const stored = await api.call('POST', '/api/templates', { purpose: 'notice', project: `given-${(templates += 1)}`, body: '{{event.sentence}}' });
  return { ...sent, params: { ...sent.params, id: stored.body.id } };
};

/** For a project of its own: the example's may have one by now, and with it its key. */
const anotherProject: Given = (_api, sent) => {
  const body = sent.body as Record<string, unknown> | null | undefined;
  if (typeof body !== 'object' || body?.['project'] !== 'user-service') return Promise.resolve(sent);
  const { 'idempotency-key': _key, ...headers } = sent.headers;
  return Promise.resolve({ ...sent, headers, body: { ...body, project: `given-${(templates += 1)}` } });
};

/** What must be so before an example can work, by operation: makes it, and says what the request is then. */
const GIVEN: Readonly<Record<string, Given>> = {
  // Else it would wait.
  askGate: anApproved,
  rollBackDeployment: aSucceeded,
  promoteDeployment: aSucceeded,
  createTemplate: anotherProject,
  getTemplate: aTemplate,
  updateTemplate: aTemplate,
  deleteTemplate: aTemplate,
  receiveFromSlack: async (api, sent) => {
    const { id } = await api.create();
    const body = sent.body as Record<string, string> | undefined;
    const payload = body?.['payload']?.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, id);
    const form = payload === undefined ? body : { ...body, payload };
    return { ...sent, body: form, headers: { ...sent.headers, ...signed(encoded(form)) } };
  },
};

/** A body of a form, as it is sent. */
export function encoded(body: unknown): string {
  return typeof body === 'string' ? body : new URLSearchParams(body as Record<string, string>).toString();
}

/** Makes what a request needs that there must be something for. */
export function given(api: TestApi, { operationId, path }: Documented, sent: Sent): Promise<Sent> {
  const make = GIVEN[operationId] ?? (path.startsWith('/deployments/{id}') ? aDeployment : undefined);
  return make?.(api, sent) ?? Promise.resolve(sent);
}
