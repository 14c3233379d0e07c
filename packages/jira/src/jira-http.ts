import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { VendorError } from '@deptracker/resilience';
import { type Answer, answerError } from './answer-error.js';
import { JIRA_METHODS, type JiraMethod } from './jira-scopes.js';
import { Unparsable } from './parse.js';
import { transportError } from './transport-error.js';

export interface JiraAccount {
  /** The site, or `https://api.atlassian.com/ex/jira/<cloudId>` for a scoped token. */
  readonly baseUrl: string;
  readonly email: string;
  readonly token: string;
  /** For one request, in milliseconds; a guard behind the caller's own. Default 15 seconds. */
  readonly timeoutMs?: number;
}

export interface HttpRequest<T> {
  readonly method: JiraMethod;
  readonly verb: 'GET' | 'POST' | 'PUT';
  /** Below `/rest/api/3`, e.g. `/issue`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** The issue that a 429 may be about. */
  readonly issueId?: string | undefined;
  /** Reads the answer's JSON, null where it has no body; throws Unparsable. */
  readonly parse: (json: unknown) => T;
}

export type JiraHttp = <T>(request: HttpRequest<T>, signal: AbortSignal) => Promise<T>;

const MAX_ANSWER = 5 * 1024 * 1024;
const MAX_REQUEST = 1024 * 1024;
const JSON_BODY = { 'Content-Type': 'application/json' } as const;

/* A write gets a connection of its own: on a kept one that the other side is just closing it would be reset, and a
   create that is reset has an unknown outcome, which costs far more than a handshake. */
function agents(keepAlive: boolean): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  return { httpAgent: new HttpAgent({ keepAlive }), httpsAgent: new HttpsAgent({ keepAlive }) };
}

function createAxios(account: JiraAccount): AxiosInstance {
  return axios.create({
    baseURL: `${account.baseUrl.replace(/\/+$/, '')}/rest/api/3`,
    auth: { username: account.email, password: account.token },
    headers: { Accept: 'application/json', 'User-Agent': 'deptracker' },
    timeout: account.timeoutMs ?? 15_000,
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER,
    maxBodyLength: MAX_REQUEST,
    responseType: 'text',
    // Ours already are texts, which axios would parse to see whether they are JSON.
    transformRequest: (data: unknown) => data,
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  });
}

function asAnswer({ status, data, headers }: AxiosResponse<unknown>): Answer {
  const header = (name: string): string | null => {
    const value: unknown = headers[name];
    return typeof value === 'string' ? value : null;
  };
  return { status, body: typeof data === 'string' ? data : '', header };
}

function asJson(body: string): unknown {
  if (body.trim() === '') return null;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Unparsable('it is no JSON');
  }
}

/** Sends one request to Jira's REST API (v3) and gives what it was parsed to; every failure is a VendorError. */
export function createJiraHttp(account: JiraAccount): JiraHttp {
  const client = createAxios(account);
  const connections = { read: agents(true), write: agents(false) };
  return async ({ method, verb, path, query, body, issueId, parse }, signal) => {
    try {
      const response = await client.request<unknown>({
        method: verb,
        url: path,
        signal,
        ...connections[JIRA_METHODS[method]],
        ...(query === undefined ? {} : { params: query }),
        ...(body === undefined ? {} : { data: JSON.stringify(body), headers: JSON_BODY }),
      });
      const answer = asAnswer(response);
      if (answer.status < 200 || answer.status > 299) throw answerError(answer, method, issueId);
      return parse(asJson(answer.body));
    } catch (error) {
      throw error instanceof VendorError ? error : transportError(error, method, signal.aborted);
    }
  };
}
