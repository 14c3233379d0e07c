import { Router, json } from 'express';
import type { Request } from 'express';
import type { Answer } from '../answer.js';
import { type Desk, takeCalls } from '../calls.js';
import { asString, isObject } from '../json.js';
import { baseOf, meOf } from './caller.js';
import { issueHandlers } from './issue-handlers.js';
import { type JiraCredentials, INVALID_PAYLOAD, NOT_FOUND, badRequest, jiraWording } from './jira-answer.js';
import { JqlError } from './jql.js';
import { presentIssue } from './present-issue.js';
import { searchIssues } from './search.js';

/** Who may call this Jira, and which projects it has (empty: every well-formed key). */
export interface JiraSettings extends JiraCredentials {
  readonly projects: readonly string[];
}

const SEARCH_KEYS = ['jql', 'maxResults', 'nextPageToken', 'fields', 'expand', 'fieldsByKeys', 'reconcileIssues'];
const PAGE_DEFAULT = 50;
const PAGE_MAX = 5000;

/** Where a page begins; NaN for a token that is none of ours. */
function offsetOf(token: unknown): number {
  if (token === undefined || token === null) return 0;
  const text = Buffer.from(asString(token) ?? '', 'base64url').toString();
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function search(desk: Desk, projects: readonly string[], request: Request, now: number): Answer {
  const body: unknown = request.body;
  if (!isObject(body) || Object.keys(body).some((key) => !SEARCH_KEYS.includes(key))) return INVALID_PAYLOAD;
  const { jql, fields = [], maxResults = PAGE_DEFAULT, nextPageToken } = body;
  if (typeof jql !== 'string' || !Array.isArray(fields) || typeof maxResults !== 'number') return INVALID_PAYLOAD;
  const offset = offsetOf(nextPageToken);
  if (!Number.isInteger(offset)) return badRequest({}, 'Invalid nextPageToken.');
  try {
    const index = desk.store.jira.indexedAt(now - desk.faults.searchLagMs);
    const found = searchIssues(jql, index, projects);
    const end = offset + Math.min(Math.max(1, maxResults), PAGE_MAX);
    const wanted = fields as string[];
    const issues = found
      .slice(offset, end)
      .map((issue) =>
        wanted.length === 0
          ? { id: issue.id }
          : presentIssue(issue, wanted, baseOf(request), desk.store.jira, meOf(request)),
      );
    const isLast = end >= found.length;
    const next = isLast ? {} : { nextPageToken: Buffer.from(String(end)).toString('base64url') };
    return { status: 200, body: { issues, isLast, ...next } };
  } catch (error) {
    if (error instanceof JqlError) return badRequest({}, error.message);
    throw error;
  }
}

/** The part of Jira Cloud's REST API v3 that Dep Tracker uses, to be mounted at `…/rest/api/3`. */
export function jiraRoutes(desk: Desk, settings: JiraSettings): Router {
  const take = takeCalls(desk, 'jira', jiraWording(settings));
  const handlers = issueHandlers(desk.store.jira, settings.projects);
  const router = Router();
  router.use(json({ limit: '1mb' }));
  router.use((req, res, next) => {
    const lacksJson = (req.method === 'POST' || req.method === 'PUT') && req.is('application/json') === false;
    if (lacksJson) res.status(415).end();
    else next();
  });
  router.get(
    '/myself',
    take('myself', ({ request }) => ({ status: 200, body: meOf(request) })),
  );
  router.post(
    '/search/jql',
    take('search', (call) => search(desk, settings.projects, call.request, call.now)),
  );
  router.post('/issue', take('createIssue', handlers.create));
  router.get('/issue/:id', take('getIssue', handlers.get));
  router.put('/issue/:id', take('updateIssue', handlers.update));
  router.get('/issue/:id/transitions', take('getTransitions', handlers.transitions));
  router.post('/issue/:id/transitions', take('transition', handlers.transition));
  router.get('/issue/:id/comment', take('listComments', handlers.comments));
  router.post('/issue/:id/comment', take('addComment', handlers.comment));
  router.post('/issueLink', take('linkIssues', handlers.link));
  router.use((_req, res) => {
    res.status(NOT_FOUND.status).json({ errorMessages: ['Not found here.'], errors: {} });
  });
  return router;
}
