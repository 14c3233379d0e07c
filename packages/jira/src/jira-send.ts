import type { CallOptions, Vendor } from '@deptracker/resilience';
import { type HttpRequest, type JiraAccount, createJiraHttp } from './jira-http.js';
import { JIRA_METHODS, jiraScopes } from './jira-scopes.js';

export interface JiraClientOptions extends JiraAccount {
  readonly vendor: Vendor;
  /** Of the whole fleet; only named here, the vendor's gate keeps it. */
  readonly limitPerMinute: number;
}

/** Sends one request through the vendor's gate, breaker and time-out. */
export type Send = <T>(request: HttpRequest<T>, call: CallOptions) => Promise<T>;

/** The way of every request of a client: named and scoped by its method. */
export function createSend({ vendor, limitPerMinute, ...account }: JiraClientOptions): Send {
  const http = createJiraHttp(account);
  const scopes = jiraScopes(limitPerMinute);
  return (request, call) =>
    vendor.request({
      ...call,
      method: request.method,
      kind: JIRA_METHODS[request.method],
      scopes: scopes(request.method, request.issueId),
      run: (signal) => http(request, signal),
    });
}
