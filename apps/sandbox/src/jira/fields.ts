import { type JsonObject, isObject } from '../json.js';
import { adfProblem } from './adf.js';

const SUMMARY_MAX = 255;
const LABEL_MAX = 255;
const DOCUMENT_MAX = 32_767;
const ISSUE_TYPES = ['Task', 'Story', 'Bug', 'Epic', 'Change', 'Deployment', 'Incident', 'Service Request'];
const PROJECT_KEY = /^[A-Z][A-Z0-9_]{1,9}$/;

/** Messages by field, as Jira puts them into `errors`. */
export type FieldErrors = Record<string, string>;

/** Which projects exist: those listed, or with an empty list every well-formed key. */
export function projectExists(key: unknown, projects: readonly string[]): boolean {
  return typeof key === 'string' && (projects.length === 0 ? PROJECT_KEY.test(key) : projects.includes(key));
}

function summaryProblem(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return 'You must specify a summary of the issue.';
  if (/[\r\n]/.test(value)) return 'The summary is invalid because it contains newline characters.';
  return value.length > SUMMARY_MAX ? `Summary can't exceed ${SUMMARY_MAX} characters.` : null;
}

/** What is wrong with a rich-text value (a description, a comment), in Jira's words; null if nothing. */
export function documentProblem(value: unknown): string | null {
  if (value === null) return null;
  if (!isObject(value)) return 'Operation value must be an Atlassian Document (see the Atlassian Document Format)';
  const problem = adfProblem(value);
  if (problem !== null) return `INVALID_INPUT: not a valid Atlassian Document: ${problem}`;
  const tooLong = `The entered text is too long. It exceeds the allowed limit of ${DOCUMENT_MAX} characters.`;
  return JSON.stringify(value).length > DOCUMENT_MAX ? tooLong : null;
}

function labelsProblem(value: unknown): string | null {
  if (!Array.isArray(value)) return 'data was not an array';
  for (const label of value as unknown[]) {
    if (typeof label !== 'string' || label === '') return 'string expected at index 0';
    if (/\s/.test(label)) return `The label '${label}' contains spaces which is invalid.`;
    if (label.length > LABEL_MAX) return `The label '${label}' exceeds the maximum length of ${LABEL_MAX}.`;
  }
  return null;
}

const anyObject = (value: unknown): string | null =>
  value === null || isObject(value) ? null : 'data was not an object';
const anyArray = (value: unknown): string | null => (Array.isArray(value) ? null : 'data was not an array');
const aDate = (value: unknown): string | null =>
  value === null || (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value))
    ? null
    : 'Operation value must be a string of the form yyyy-MM-dd';

const issueTypeProblem = (value: unknown): string | null =>
  isObject(value) && (value['id'] !== undefined || ISSUE_TYPES.includes(value['name'] as string))
    ? null
    : 'Specify a valid issue type';

const PRIORITIES = ['Highest', 'High', 'Medium', 'Low', 'Lowest'];

/** In Jira's words. */
function priorityProblem(value: unknown): string | null {
  if (value === null || (isObject(value) && value['id'] !== undefined)) return null;
  if (!isObject(value)) return 'data was not an object';
  return PRIORITIES.includes(value['name'] as string) ? null : `Priority name '${String(value['name'])}' is not valid`;
}

/** The fields on the create and edit screens of every project here. */
const FIELDS: Readonly<Record<string, (value: unknown) => string | null>> = {
  summary: summaryProblem,
  description: documentProblem,
  environment: documentProblem,
  labels: labelsProblem,
  issuetype: issueTypeProblem,
  priority: priorityProblem,
  ...{ assignee: anyObject, reporter: anyObject, parent: anyObject, resolution: anyObject },
  ...{ components: anyArray, fixVersions: anyArray, versions: anyArray },
  duedate: aDate,
};

/** Checks the fields of an edit; `project` cannot change. */
export function editErrors(fields: JsonObject): FieldErrors {
  const errors: FieldErrors = {};
  for (const [name, value] of Object.entries(fields)) {
    if (/^customfield_\d+$/.test(name)) continue;
    const check = FIELDS[name];
    const offScreen = `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
    const problem = check === undefined ? offScreen : check(value);
    if (problem !== null) errors[name] = problem;
  }
  return errors;
}

/** Checks the fields of a new issue: what is required must be there. */
export function createErrors(fields: JsonObject, projects: readonly string[]): FieldErrors {
  const { project, ...others } = fields;
  const errors = editErrors({ summary: undefined, issuetype: undefined, ...others });
  if (!isObject(project)) errors['project'] = 'Specify a valid project ID or key';
  else if (!projectExists(project['key'], projects)) errors['project'] = 'valid project is required';
  return errors;
}
