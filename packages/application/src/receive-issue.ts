import { type Database, type SeenIssue, adoptIssue, effectsOfIssue, mirrorDeletion, mirrorIssue, rememberInbound } from '@deptracker/store';

/** What Jira tells of an issue by itself. */
export interface IssueNews {
  /** Names this delivery; one that is delivered again changes nothing. */
  readonly key: string;
  readonly issue: SeenIssue;
  /** The ids in those of its labels that look like ours. */
  readonly labelled: readonly string[];
  readonly deleted: boolean;
}

/**
 * What came of it. `mirrored`: a ticket of ours shows it; `outdated`: we know of something later; `adopted`: it is the
 * ticket that we did not know of; `duplicate`: it will be closed; `repeated`: it was handled before; `ignored`: none of ours.
 */
export type NewsOutcome = 'mirrored' | 'outdated' | 'adopted' | 'duplicate' | 'repeated' | 'ignored';

/** Handles what Jira tells of an issue, in one transaction. It moves nothing in Jira: people may move tickets as they like. */
export function receiveIssue(database: Pick<Database, 'transaction'>, { key, issue, labelled, deleted }: IssueNews): Promise<NewsOutcome> {
  return database.transaction(async (uow) => {
    if (!(await rememberInbound(uow, key))) return 'repeated';
    const known = await effectsOfIssue(uow, issue.issueId);
    if (known.length > 0) {
      const changed = deleted ? await mirrorDeletion(uow, issue.issueId, issue.at) : await mirrorIssue(uow, issue);
      return changed ? 'mirrored' : 'outdated';
    }
    if (labelled.length === 0) return 'ignored';
    return (await adoptIssue(uow, { issue, ids: labelled, deleted })) ?? 'ignored';
  });
}
