import type { FoundIssue, JiraClient, JiraIssue } from '@deptracker/jira';
import type { Standing } from '@deptracker/reconcile';
import { type CallOptions, VendorError } from '@deptracker/resilience';
import type { Effect } from '@deptracker/store';
import type { Workflow } from './workflow.js';

/** Issues that one search asks for; the client takes no more labels. */
export const LOOKUP_BATCH = 50;

/** What stands in Jira of each effect, found by its label, the oldest first. */
export async function findLabelled(
  jira: JiraClient,
  effects: readonly Effect[],
  labelOf: (effect: Effect) => string,
  call: CallOptions,
  standing: (effect: Effect, issue: FoundIssue) => Standing,
): Promise<Map<string, Standing[]>> {
  const labels = new Map(effects.map((effect) => [labelOf(effect), effect]));
  const issues = await jira.searchByLabels([...labels.keys()], call);
  const found = new Map<string, Standing[]>();
  for (const issue of issues.sort((a, b) => Number(a.id) - Number(b.id))) {
    for (const label of issue.labels) {
      const effect = labels.get(label);
      if (effect !== undefined) found.set(effect.id, [...(found.get(effect.id) ?? []), standing(effect, issue)]);
    }
  }
  return found;
}

/** Null where somebody has deleted the issue. */
async function look(jira: JiraClient, issueId: string, call: CallOptions): Promise<JiraIssue | null> {
  try {
    return await jira.getIssue(issueId, ['status'], call);
  } catch (error) {
    if (error instanceof VendorError && error.failure.code === 'http_404') return null;
    throw error;
  }
}

/** Links duplicates to the ticket, if there is one, and moves them to done. */
export async function closeDuplicates(
  { jira, workflow }: { readonly jira: JiraClient; readonly workflow: Workflow },
  ids: readonly string[],
  ticketKey: string | null,
  call: CallOptions,
): Promise<void> {
  for (const id of ids) {
    const extra = await look(jira, id, call);
    if (extra === null) continue;
    if (ticketKey !== null) await jira.linkIssues(extra.key, ticketKey, call);
    await workflow.move(id, extra.status, 'done', call);
  }
}
