import type { Change } from '../change.js';
import type { Issue, IssueLink } from './issue.js';

const FIRST_ID = 10_000;
const VERSIONS_KEPT = 20;

/** All tickets, with their earlier versions for the search that lags. */
export class JiraState {
  readonly links: IssueLink[] = [];
  private readonly issues = new Map<string, Issue>();
  private readonly idsByKey = new Map<string, string>();
  private readonly versions = new Map<string, Issue[]>();
  private readonly countByProject = new Map<string, number>();
  private comments = 0;
  private created = 0;

  /** The issue by id or key (keys in any case), as Jira takes them. */
  find(idOrKey: string): Issue | undefined {
    return this.issues.get(this.idsByKey.get(idOrKey.toUpperCase()) ?? idOrKey);
  }

  /** Every issue, oldest first. */
  all(): Issue[] {
    return [...this.issues.values()];
  }

  /** Every issue as the search index knew it at `at`; what was created later is missing. */
  indexedAt(at: number): Issue[] {
    return [...this.versions.values()].flatMap((versions) => versions.findLast((one) => one.updated <= at) ?? []);
  }

  /** The id and key that the project's next issue gets. */
  nextIssue(project: string): { id: string; key: string } {
    const number = (this.countByProject.get(project) ?? 0) + 1;
    return { id: String(FIRST_ID + this.created + 1), key: `${project}-${number}` };
  }

  nextCommentId(): string {
    return String(FIRST_ID + this.comments + 1);
  }

  /** Carries out a change of Jira's; ignores the others. `at` is when it happened. */
  apply(change: Change, at: number): void {
    switch (change.type) {
      case 'issue.created':
        this.created += 1;
        this.idsByKey.set(change.issue.key, change.issue.id);
        this.countByProject.set(change.issue.project, Number(change.issue.key.split('-').at(-1)));
        return this.keep(change.issue);
      case 'issue.updated':
        return this.alter(change.id, at, (issue) => ({ fields: { ...issue.fields, ...change.fields } }));
      case 'issue.deleted':
        return this.forget(change.id);
      case 'issue.transitioned':
        return this.alter(change.id, at, () => ({ statusId: change.statusId }));
      case 'comment.added':
        this.comments += 1;
        return this.alter(change.id, at, (issue) => ({ comments: [...issue.comments, change.comment] }));
      case 'issue.linked':
        this.links.push(change.link);
        return;
      default:
        return;
    }
  }

  clear(): void {
    for (const map of [this.issues, this.idsByKey, this.versions, this.countByProject]) map.clear();
    this.links.length = 0;
    this.comments = 0;
    this.created = 0;
  }

  private alter(id: string, at: number, part: (issue: Issue) => Partial<Issue>): void {
    const issue = this.issues.get(id);
    if (issue !== undefined) this.keep({ ...issue, ...part(issue), updated: at });
  }

  private forget(id: string): void {
    const issue = this.issues.get(id);
    if (issue !== undefined) this.idsByKey.delete(issue.key);
    this.issues.delete(id);
    this.versions.delete(id);
  }

  private keep(issue: Issue): void {
    this.issues.set(issue.id, issue);
    const versions = this.versions.get(issue.id) ?? [];
    versions.push(issue);
    if (versions.length > VERSIONS_KEPT) versions.shift();
    this.versions.set(issue.id, versions);
  }
}
