import { isObject } from '../json.js';
import { projectExists } from './fields.js';
import type { Issue } from './issue.js';
import { JqlError, type Query, parseJql } from './jql.js';
import { statusById } from './workflow.js';

function valuesOf(issue: Issue, field: string): readonly string[] {
  const status = statusById(issue.statusId);
  switch (field) {
    case 'project':
      return [issue.project];
    case 'labels':
      return Array.isArray(issue.fields['labels']) ? (issue.fields['labels'] as string[]) : [];
    case 'status':
      return [status.name, status.id];
    case 'statuscategory':
      return [status.category, { new: 'To Do', indeterminate: 'In Progress', done: 'Done' }[status.category]];
    case 'issuetype':
      return isObject(issue.fields['issuetype']) ? [String(issue.fields['issuetype']['name'])] : [];
    default:
      return [issue.id, issue.key];
  }
}

function sortKey(issue: Issue, field: string): number {
  if (field === 'created') return issue.created;
  return field === 'updated' ? issue.updated : Number(issue.id);
}

function compare(query: Query): (a: Issue, b: Issue) => number {
  return (a, b) => {
    for (const { field, descending } of query.order) {
      const difference = sortKey(a, field) - sortKey(b, field);
      if (difference !== 0) return descending ? -difference : difference;
    }
    const newestFirst = query.order[0]?.descending ?? true;
    return (Number(b.id) - Number(a.id)) * (newestFirst ? 1 : -1);
  };
}

/** The issues that a JQL query finds among those of the index, newest first by default. Raises JqlError. */
export function searchIssues(jql: string, index: readonly Issue[], projects: readonly string[]): Issue[] {
  const query = parseJql(jql);
  for (const { field, values } of query.clauses) {
    const unknown = field === 'project' ? values.find((value) => !projectExists(value, projects)) : undefined;
    if (unknown !== undefined) throw new JqlError(`The value '${unknown}' does not exist for the field 'project'.`);
  }
  const wanted = query.clauses.map(({ field, values }) => ({
    field,
    values: new Set(values.map((value) => value.toLowerCase())),
  }));
  return index
    .filter((issue) =>
      wanted.every(({ field, values }) => valuesOf(issue, field).some((value) => values.has(value.toLowerCase()))),
    )
    .sort(compare(query));
}
