import type { Answer, Call, Handler } from '../answer.js';
import { type JsonObject, isObject } from '../json.js';
import { baseOf, meOf } from './caller.js';
import { createErrors, documentProblem, editErrors } from './fields.js';
import { INVALID_PAYLOAD, NOT_FOUND, badRequest } from './jira-answer.js';
import type { Issue } from './issue.js';
import type { JiraState } from './jira-state.js';
import { LINK_TYPES } from './link-types.js';
import { presentComment, presentIssue, presentTransition } from './present-issue.js';
import { INITIAL_STATUS_ID, transitionsFrom } from './workflow.js';

const COMMENTS_MAX = 5000;

/** The body if it is an object with only these keys. */
function bodyOf({ request }: Call, ...keys: string[]): JsonObject | null {
  const body: unknown = request.body;
  return isObject(body) && Object.keys(body).every((key) => keys.includes(key)) ? body : null;
}

type IssueHandler = (issue: Issue, call: Call) => Answer;

function create(jira: JiraState, projects: readonly string[], call: Call): Answer {
  const body = bodyOf(call, 'fields', 'update');
  const { fields, update = {} } = body ?? {};
  if (!isObject(fields) || !isObject(update) || Object.keys(update).length > 0) return INVALID_PAYLOAD;
  const errors = createErrors(fields, projects);
  if (Object.keys(errors).length > 0) return badRequest(errors);
  const { project, ...others } = fields;
  const key = (project as { key: string }).key;
  const named = jira.nextIssue(key);
  const times = { created: call.now, updated: call.now };
  const issue: Issue = { ...named, project: key, statusId: INITIAL_STATUS_ID, fields: others, comments: [], ...times };
  call.commit({ type: 'issue.created', issue });
  return { status: 201, body: { ...named, self: `${baseOf(call.request)}/issue/${named.id}` } };
}

const update: IssueHandler = (issue, call) => {
  const body = bodyOf(call, 'fields');
  if (body === null || !isObject(body['fields'])) return INVALID_PAYLOAD;
  const errors = editErrors(body['fields']);
  if (Object.keys(errors).length > 0) return badRequest(errors);
  call.commit({ type: 'issue.updated', id: issue.id, fields: body['fields'] });
  return { status: 204 };
};

const transition: IssueHandler = (issue, call) => {
  const body = bodyOf(call, 'transition', 'fields');
  const wanted = body?.['transition'];
  if (!isObject(wanted) || wanted['id'] === undefined) return badRequest({}, "Missing 'transition' identifier");
  const errors = editErrors(isObject(body?.['fields']) ? body['fields'] : {});
  if (Object.keys(errors).length > 0) return badRequest(errors);
  const found = transitionsFrom(issue.statusId).find(({ id }) => id === String(wanted['id']));
  if (found === undefined) {
    const id = JSON.stringify(wanted['id']);
    return badRequest(
      {},
      `It seems that you have tried to perform a workflow operation (${id}) that is not valid ` +
        `for the current state of this issue (${issue.key}).`,
    );
  }
  call.commit({ type: 'issue.transitioned', id: issue.id, statusId: found.to.id });
  return { status: 204 };
};

const comments: IssueHandler = (issue, { request }) => {
  const { startAt = '0', maxResults = String(COMMENTS_MAX), orderBy = 'created' } = request.query;
  const from = Number(startAt);
  const most = Number(maxResults);
  if (!Number.isInteger(from) || !Number.isInteger(most)) return badRequest({}, 'startAt and maxResults are numbers.');
  const sorted = orderBy === '-created' ? issue.comments.toReversed() : issue.comments;
  const page = sorted.slice(from, from + Math.min(most, COMMENTS_MAX));
  const shown = page.map((one) => presentComment(one, issue, baseOf(request), meOf(request)));
  return { status: 200, body: { startAt: from, maxResults: most, total: sorted.length, comments: shown } };
};

const comment =
  (jira: JiraState): IssueHandler =>
  (issue, call) => {
    const body = bodyOf(call, 'body', 'visibility', 'properties')?.['body'];
    const problem = isObject(body) ? documentProblem(body) : 'Comment body can not be empty!';
    if (!isObject(body) || problem !== null) return badRequest({ comment: problem ?? '' });
    const made = { id: jira.nextCommentId(), body, created: call.now };
    call.commit({ type: 'comment.added', id: issue.id, comment: made });
    return { status: 201, body: presentComment(made, issue, baseOf(call.request), meOf(call.request)) };
  };

function link(jira: JiraState, call: Call): Answer {
  const { type, inwardIssue, outwardIssue } = bodyOf(call, 'type', 'inwardIssue', 'outwardIssue', 'comment') ?? {};
  if (!isObject(type) || !isObject(inwardIssue) || !isObject(outwardIssue)) return INVALID_PAYLOAD;
  const name = Object.keys(LINK_TYPES).find((known) => known === type['name']);
  const missing = (message: string): Answer => ({ status: 404, body: { errorMessages: [message], errors: {} } });
  if (name === undefined) return missing(`No issue link type with name '${String(type['name'])}' found.`);
  const inward = jira.find(String(inwardIssue['key'] ?? inwardIssue['id']));
  const outward = jira.find(String(outwardIssue['key'] ?? outwardIssue['id']));
  if (inward === undefined || outward === undefined) {
    return missing('Issue does not exist or you do not have permission to see it.');
  }
  const id = String(jira.links.length + 1);
  const known = jira.links.some((one) => one.type === name && one.inward === inward.key && one.outward === outward.key);
  if (!known) call.commit({ type: 'issue.linked', link: { id, type: name, inward: inward.key, outward: outward.key } });
  return { status: 201 };
}

/** What each path about issues does. */
export function issueHandlers(jira: JiraState, projects: readonly string[]) {
  const on =
    (handler: IssueHandler): Handler =>
    (call) => {
      const issue = jira.find(String(call.request.params['id']));
      return issue === undefined ? NOT_FOUND : handler(issue, call);
    };
  return {
    create: (call: Call) => create(jira, projects, call),
    get: on((issue, { request }) => {
      const { fields } = request.query;
      const wanted = typeof fields === 'string' ? fields.split(',').map((name) => name.trim()) : ['*all'];
      return { status: 200, body: presentIssue(issue, wanted, baseOf(request), jira, meOf(request)) };
    }),
    update: on(update),
    transitions: on(({ statusId }, { request }) => {
      const transitions = transitionsFrom(statusId).map((one) => presentTransition(one, baseOf(request)));
      return { status: 200, body: { expand: 'transitions', transitions } };
    }),
    transition: on(transition),
    comments: on(comments),
    comment: on(comment(jira)),
    link: (call: Call) => link(jira, call),
  };
}
