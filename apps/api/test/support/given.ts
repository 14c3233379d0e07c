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

let things = 0;

/** A name that nothing has yet. */
const another = (what: string): string => `${what}-${(things += 1)}`;

/** One of its own, so that nobody else misses it when it is archived. */
const aProject: Given = async (api, sent) => {
  const key = another('project');
  await api.call('POST', '/api/projects', { key });
  return { ...sent, params: { ...sent.params, key } };
};

const anEnvironment: Given = async (api, sent) => {
  const name = another('environment');
  await api.call('POST', '/api/environments', { name });
  return { ...sent, params: { ...sent.params, name } };
};

/** The example's name for something new may be taken by now, and with it its key. */
const renamed =
  (field: string, example: string): Given =>
  (_api, sent) => {
    const body = sent.body as Record<string, unknown> | null | undefined;
    if (typeof body !== 'object' || body?.[field] !== example) return Promise.resolve(sent);
    const { 'idempotency-key': _key, ...headers } = sent.headers;
    return Promise.resolve({ ...sent, headers, body: { ...body, [field]: another(example) } });
  };

/** What must be so before an example can work, by operation: makes it, and says what the request is then. */
const GIVEN: Readonly<Record<string, Given>> = {
  // Else it would wait.
  askGate: anApproved,
  rollBackDeployment: aSucceeded,
  promoteDeployment: aSucceeded,
  createProject: renamed('key', 'payment-service'),
  createEnvironment: renamed('name', 'production-eu'),
  receiveFromSlack: async (api, sent) => {
    const { id } = await api.create();
    const body = sent.body as Record<string, string> | undefined;
    const payload = body?.['payload']?.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, id);
    const form = payload === undefined ? body : { ...body, payload };
    return { ...sent, body: form, headers: { ...sent.headers, ...signed(encoded(form)) } };
  },
};

/** What whatever is below an address is about. */
const PARENTS: readonly (readonly [string, Given])[] = [
  ['/deployments/{id}', aDeployment],
  ['/projects/{key}', aProject],
  ['/environments/{name}', anEnvironment],
];

/** A body of a form, as it is sent. */
export function encoded(body: unknown): string {
  return typeof body === 'string' ? body : new URLSearchParams(body as Record<string, string>).toString();
}

/** Makes what a request needs that there must be something for. */
export function given(api: TestApi, { operationId, path }: Documented, sent: Sent): Promise<Sent> {
  const below = PARENTS.find(([parent]) => path.startsWith(parent));
  const make = GIVEN[operationId] ?? below?.[1];
  return make?.(api, sent) ?? Promise.resolve(sent);
}
