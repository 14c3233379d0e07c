import { type JiraClient, createJiraClient } from '@deptracker/jira';
import { type Vendor, VendorError, type VendorFailure, type VendorRequest } from '@deptracker/resilience';

export const TOKEN = 'jira-very-secret';
export const EMAIL = 'bot@example.com';

type Passed = Omit<VendorRequest<unknown>, 'run'>;

/** A client over a vendor that lets everything through and remembers what it was asked for. */
export function clientOf(
  baseUrl: string,
  timeoutMs?: number,
): { readonly jira: JiraClient; readonly passed: Passed[] } {
  const passed: Passed[] = [];
  const vendor: Vendor = {
    reserve: (scopes) => Promise.resolve({ scopes, used: false }),
    request: ({ run, ...request }) => {
      passed.push(request);
      return run(request.signal ?? new AbortController().signal);
    },
    state: () => ({ breaker: 'closed', retryAfterMs: 0 }),
  };
  const account = { baseUrl, email: EMAIL, token: TOKEN, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  return { jira: createJiraClient({ ...account, vendor, limitPerMinute: 60 }), passed };
}

/** How a call failed; a call that did not fail, or not with a VendorError, fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<VendorFailure & { readonly message: string }> {
  const caught: unknown = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(caught instanceof VendorError)) throw caught;
  return { ...caught.failure, message: caught.message };
}
