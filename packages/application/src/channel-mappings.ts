import { type ChannelMapping, DomainError, bySpecificity } from '@deptracker/domain';
import {
  type ChangeFeed,
  type Database,
  type Fresh,
  type StoredChannelMapping,
  type UnitOfWork,
  createFresh,
  findChannelMappingOf,
  insertChannelMapping,
  lockChannelMappings,
  newId,
  readChannelMappings,
  recordSettingEvent,
  removeChannelMapping,
} from '@deptracker/store';
import { type SettingChange, type SettingContext, assertSeen } from './setting-change.js';

/** As many as every process can hold and look through for each deployment without anybody noticing. */
export const MOST_CHANNEL_MAPPINGS = 1_000;

export interface ChannelMappingsOptions {
  readonly database: Database;
  /** Milliseconds after which a change holds here at the latest. */
  readonly maxAgeMs: number;
  readonly changes: Pick<ChangeFeed, 'subscribe'>;
}

/** All mappings as they hold now, the most specific first. */
export type ChannelMappings = Fresh<readonly ChannelMapping[]>;

export function createChannelMappings({ database, maxAgeMs, changes }: ChannelMappingsOptions): ChannelMappings {
  const read = async (): Promise<readonly ChannelMapping[]> => [...(await readChannelMappings(database))].sort(bySpecificity);
  return createFresh({ read, maxAgeMs, changes, kinds: ['channel_mapping'] });
}

async function record(uow: UnitOfWork, what: 'created' | 'deleted', one: StoredChannelMapping, revision: number, by: SettingContext): Promise<void> {
  const { id, project, environment, channelId } = one;
  await recordSettingEvent(uow, {
    subjectKind: 'channel_mapping',
    subjectId: id,
    revision,
    type: `channel_mapping.${what}`,
    actor: by.actor,
    data: { project, environment, channelId },
    requestId: by.requestId,
  });
}

/** Adds a mapping; raises `channel_mapping_exists` for a pair that there is, and `too_many_channel_mappings`. */
export async function createChannelMapping(
  uow: UnitOfWork,
  asked: Omit<ChannelMapping, 'id'>,
  by: SettingContext,
  most = MOST_CHANNEL_MAPPINGS,
): Promise<StoredChannelMapping> {
  const count = await lockChannelMappings(uow);
  const there = await findChannelMappingOf(uow, asked);
  if (there !== null) {
    const pair = `${asked.project} to ${asked.environment}`;
    throw new DomainError({ code: 'channel_mapping_exists', id: there.id }, `There is a mapping for ${pair} already: ${there.id}, to ${there.channelId}.`);
  }
  if (count >= most) {
    throw new DomainError({ code: 'too_many_channel_mappings', most }, `There are ${count} channel mappings, and no more than ${most} are possible: use wildcards, or delete some.`);
  }
  const created = await insertChannelMapping(uow, { ...asked, id: newId(), createdBy: by.actor });
  await record(uow, 'created', created, created.revision, by);
  return created;
}

/** Removes a mapping; deployments keep the channel that they were created with. */
export function deleteChannelMapping(database: Database, id: string, by: SettingChange): Promise<void> {
  return database.transaction(async (uow) => {
    const removed = await removeChannelMapping(uow, id);
    if (removed === null) throw new DomainError({ code: 'channel_mapping_not_found', id }, `There is no channel mapping ${id}.`);
    assertSeen('The channel mapping', removed.revision, by.expectedRevision);
    await record(uow, 'deleted', removed, removed.revision + 1, by);
  });
}
