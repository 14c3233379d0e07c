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

let mappings = 0;

/** A channel mapping that concerns no other test. */
const aMapping: Given = async (api, sent) => {
  const mapping = { project: `nobody-${(mappings += 1)}`, environment: '*', channelId: 'C0NOBODY' };
  const { id } = (await api.call('POST', '/api/channel-mappings', mapping)).body;
  return { ...sent, params: { ...sent.params, id } };
};

/** A pair that no mapping has yet. */
const aFreePair: Given = async (_api, sent) => {
  const body = sent.body as object | undefined;
  return { ...sent, ...(body === undefined ? {} : { body: { ...body, project: `free-${(mappings += 1)}-*` } }) };
};

/** What must be so before an example can work, by operation: makes it, and says what the request is then. */
const GIVEN: Readonly<Record<string, Given>> = {
  // Else it would wait.
  askGate: anApproved,
  rollBackDeployment: aSucceeded,
  promoteDeployment: aSucceeded,
  createChannelMapping: aFreePair,
  getChannelMapping: aMapping,
  deleteChannelMapping: aMapping,
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
