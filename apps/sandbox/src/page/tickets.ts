import type { Issue } from '../jira/issue.js';
import type { JiraState } from '../jira/jira-state.js';
import { LINK_TYPES } from '../jira/link-types.js';
import { statusById } from '../jira/workflow.js';
import { asString, isObject } from '../json.js';
import { renderAdf } from './adf-html.js';
import { type Html, html } from './html.js';
import { ticketActions } from './ticket-actions.js';
import { timeOf } from './time.js';

const SHOWN = 60;

function labels(issue: Issue): Html[] {
  const all = Array.isArray(issue.fields['labels']) ? (issue.fields['labels'] as unknown[]) : [];
  return all.map((label) => html`<span class="chip">${String(label)}</span>`);
}

function links(issue: Issue, jira: JiraState): Html[] {
  return jira.links
    .filter((one) => one.inward === issue.key || one.outward === issue.key)
    .map(({ type, inward, outward }) => {
      const [other, words] =
        inward === issue.key ? [outward, LINK_TYPES[type]?.outward] : [inward, LINK_TYPES[type]?.inward];
      return html`<li>${words ?? type} <a href="#${other}">${other}</a></li>`;
    });
}

function typeOf(issue: Issue): string {
  const type = issue.fields['issuetype'];
  return isObject(type) ? (asString(type['name']) ?? 'Issue') : 'Issue';
}

function ticket(issue: Issue, jira: JiraState): Html {
  const { name, category } = statusById(issue.statusId);
  const related = links(issue, jira);
  const comments = issue.comments.map(
    ({ body, created }) =>
      html`<div class="comment">
      <div class="meta"><b>Dep Tracker</b> ${timeOf(created)}</div>${renderAdf(body)}</div>`,
  );
  const description = isObject(issue.fields['description'])
    ? html`<details id="d-${issue.key}" open><summary>Description</summary>
        <div class="rich">${renderAdf(issue.fields['description'])}</div></details>`
    : null;
  return html`<article class="ticket" id="${issue.key}">
    <div class="row"><span class="type" title="${typeOf(issue)}">✓</span><span class="key">${issue.key}</span>
      <span class="lozenge ${category}">${name}</span><span class="grow"></span>
      <span class="meta" title="updated">${timeOf(issue.updated)}</span></div>
    <h3>${asString(issue.fields['summary']) ?? ''}</h3>
    <div class="chips">${labels(issue)}</div>
    ${ticketActions(issue)}
    ${description}
    ${related.length > 0 && html`<ul class="links">${related}</ul>`}
    ${
      comments.length > 0 &&
      html`<details id="c-${issue.key}" open>
        <summary>Comments (${comments.length})</summary><div class="rich">${comments}</div></details>`
    }
  </article>`;
}

/** The Jira side of the page: the newest tickets first. */
export function ticketsHtml(jira: JiraState): Html {
  const issues = jira.all();
  const shown = issues.slice(-SHOWN).reverse();
  if (shown.length === 0) {
    return html`<p class="empty">
      No tickets yet. Post a deployment to Dep Tracker and its change ticket appears here.</p>`;
  }
  const rest = issues.length - shown.length;
  return html`${shown.map((issue) => ticket(issue, jira))}
    ${rest > 0 && html`<p class="empty">${rest} older tickets are not shown.</p>`}`;
}
