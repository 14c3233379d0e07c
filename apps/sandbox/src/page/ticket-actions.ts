import type { Issue } from '../jira/issue.js';
import { transitionsFrom } from '../jira/workflow.js';
import { isObject } from '../json.js';
import { PEOPLE } from '../slack/people.js';
import { type Html, html } from './html.js';

/** What a person can do to a ticket here. */
export function ticketActions(issue: Issue): Html {
  const { assignee } = issue.fields;
  const mine = isObject(assignee) ? assignee['accountId'] : '';
  const people = PEOPLE.map(({ id, realName }) =>
    id === mine ? html`<option value="${id}" selected>${realName}</option>` : html`<option value="${id}">${realName}</option>`,
  );
  const steps = transitionsFrom(issue.statusId).map(
    ({ id, name }) => html`<button type="button" data-issue="${issue.key}" data-transition="${id}">${name}</button>`,
  );
  return html`<div class="deal">${steps}
    <label>Assignee <select data-assign="${issue.key}"><option value="">nobody</option>${people}</select></label>
    <button type="button" data-issue="${issue.key}" data-delete>Delete</button></div>`;
}
