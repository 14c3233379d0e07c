import type { ChannelCandidate } from '@deptracker/domain';
import type { StoredChannelMapping } from '@deptracker/store';
import { iso } from '../../http/iso.js';

/** A channel mapping as the API shows it. */
export function presentChannelMapping(one: StoredChannelMapping) {
  return {
    id: one.id,
    revision: one.revision,
    project: one.project,
    environment: one.environment,
    channelId: one.channelId,
    createdBy: one.createdBy,
    createdAt: iso(one.createdAt),
  };
}

function presentCandidate({ rule, mapping, channelId, reason }: ChannelCandidate, chosen: boolean): object {
  return {
    rule,
    chosen,
    channelId,
    mapping: mapping === null ? null : { id: mapping.id, project: mapping.project, environment: mapping.environment },
    reason,
  };
}

/** Which channel a pair is told in, and why, as the API shows it. */
export function presentResolution(
  { project, environment }: { readonly project: string; readonly environment: string },
  candidates: readonly [ChannelCandidate, ...ChannelCandidate[]],
): object {
  const [chosen] = candidates;
  return {
    project,
    environment,
    channelId: chosen.channelId,
    rule: chosen.rule,
    candidates: candidates.map((one) => presentCandidate(one, one === chosen)),
  };
}
