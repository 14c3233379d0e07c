export { createDatabase, UnavailableError, type Database, type DatabaseOptions, type Queryable, type UnitOfWork } from './database.js';
export { openDatabase } from './open-database.js';
export { observeBacklog, observePool, openPool, postgresComponent, type PoolVariables } from './operate.js';
export { migrateDown, migrateUp, migrationStatus, type MigrateOptions, type MigrationStatus } from './migrate.js';
export { newId } from './new-id.js';
export { createGatheredReads, type GatheredReadsOptions } from './gathered-reads.js';
export { findShownDeployments, type ShownDeployment } from './shown-deployments.js';
export { createGroupCommit, OverloadedError, type GroupCommitOptions } from './group-commit.js';
export {
  bindKeys,
  createDeployments,
  findKeyOwners,
  freeExpiredKeys,
  type DeploymentKey,
  type KeyOwner,
  type NewDeployment,
  type Written,
} from './create-deployments.js';
export { SETTING_KINDS, type ChangeKind, type ChangeNotice, type SettingKind } from './change-notice.js';
export { createCache, type Cache, type CacheOptions, type Found, type SecondLevel } from './cache.js';
export { createChangeFeed, type ChangeFeed, type ChangeListener } from './change-feed.js';
export { createFresh, type Fresh, type FreshOptions } from './fresh.js';
export { recordSettingEvent, type SettingEvent } from './setting-events.js';
export { listSettingEvents, type RecordedSettingEvent, type SettingEventFilter } from './list-setting-events.js';
export { findConfiguration, lockConfiguration, readConfigurations, saveConfiguration, type StoredConfiguration } from './configurations.js';
export {
  findChannelMapping,
  findChannelMappingOf,
  insertChannelMapping,
  listChannelMappings,
  lockChannelMappings,
  readChannelMappings,
  removeChannelMapping,
  type ChannelMappingFilter,
  type StoredChannelMapping,
} from './channel-mappings.js';
export { keepAnswer, takeAnswerKey, type AnswerKey, type KeptAnswer } from './idempotency-answers.js';
export {
  findDeployment,
  findDeployments,
  findEvent,
  findLapsed,
  findLastEvent,
  listEvents,
  lockDeployment,
  saveChange,
  lockWithReplaced,
  type Locked,
  type Seen,
} from './deployments.js';
export { findRollbackTarget, findRunning, findSuccessor, type Running } from './succeeded.js';
export { listDeployments, type DeploymentFilter } from './list-deployments.js';
export type { Position } from './position.js';
export { createFreshByKey, type FreshByKey, type FreshByKeyOptions } from './fresh-by-key.js';
export {
  findEnvironment,
  insertEnvironment,
  listEnvironments,
  findUnreachable,
  lockEnvironment,
  saveEnvironment,
  type EnvironmentFilter,
  type EnvironmentPosition,
} from './environments.js';
export { findProject, insertProject, listProjects, lockProject, saveProject, type ProjectFilter } from './projects.js';
export { listSlackMessages, type SlackMessage, type SlackMessageFilter } from './list-slack-messages.js';
export { findWaitingFor } from './waiting-deployments.js';
export { EFFECT_TARGETS, PHASES, type Effect, type Phase, type QueueMs, type QueuedEffect } from './effect-row.js';
export { oweComment, oweEffects, type OweOptions } from './owe-effects.js';
export { type GatheredEffects, gatherEffects } from './gathered-effects.js';
export type { Kept, SentEffect } from './record-sent.js';
export { type Subjects, gatherSubjects } from './gathered-subjects.js';
export { claimEffect, claimEffects, claimUnknown, findEffect, intendToSend, intendToSendAll, postponeEffect } from './claim-effects.js';
export { distrustEffect, doubtEffect, learnExternalId, recordEffect, type EffectPatch } from './record-effect.js';
export { adoptMessage, hasEarlierReply, linkTicketInMessage, showTicketInMessage, wakeChildren } from './related-effects.js';
export { countBacklog, summarizeBacklog, type Backlog } from './backlog.js';
export { hasOverdue, listDue, takeUnqueued } from './due-effects.js';
export {
  discardEffect,
  findJob,
  listEffectActions,
  listJobs,
  replayEffect,
  type ByHand,
  type EffectAction,
  type Job,
  type JobFilter,
} from './jobs.js';
export { countRollups, markRollups, resetRollups } from './rollups.js';
export { GRAINS, readFreshness, readStats, type DurationRow, type Grain, type Stats, type StatsQuery } from './stats.js';
export { gatherDigest, listDigestMembers, settleDigestMembers, type DigestMember } from './digests.js';
export {
  findOutside,
  saveMessage,
  saveTicket,
  type KnownTicket,
  type MessageRecord,
  type Outside,
  type TicketRecord,
} from './outside.js';
export { effectsOfIssue, mirrorDeletion, mirrorIssue, type SeenIssue } from './mirror-issue.js';
export { adoptIssue, type LabelledIssue } from './adopt-issue.js';
export { findTicket, listTickets, type Ticket } from './tickets.js';
export type { TicketFilter } from './ticket-paths.js';
export { findTicketRequest, lockTicket, oweIssue, oweTicket, reopenTicket, type TicketRequest } from './owe-tickets.js';
export { findSlackUser, rememberInbound, saveSlackUser } from './inbound.js';
export { listHeartbeats, removeHeartbeat, writeHeartbeat, type Heartbeat } from './heartbeats.js';
export {
  claimTask,
  finishTask,
  listDueTasks,
  listTasks,
  registerTask,
  takeUnqueuedTasks,
  type ClaimedTask,
  type TaskOutcome,
  type TaskState,
} from './tasks.js';
export {
  measureSlaWindow,
  readSlaFigures,
  SLA_METRICS,
  SLA_SETTLE_SECONDS,
  type SlaFigures,
  type SlaMetric,
  type SlaTargets,
  type SlaWindow,
  type SlaWindowOptions,
} from './sla.js';
export {
  removeDeployments,
  removeExpiredAnswers,
  removeExpiredKeys,
  removeHeartbeats,
  removeInbound,
  removeSlaWindows,
  removeSpentNotices,
} from './clean-up.js';
export {
  deleteTemplate,
  findTemplate,
  findTemplateAt,
  insertTemplate,
  listTemplates,
  lockNewTemplates,
  lockTemplate,
  readTemplates,
  saveTemplateBody,
  type TemplateFilter,
  type TemplateInForce,
} from './templates.js';
export { ensurePartitions, leastIdOf, listSpans, quartersFrom, type Span } from './partitions.js';
export { dropPartitions, findDroppable, removeOrphans } from './drop-partitions.js';
export { openReader, replicaComponents, type ReaderVariables } from './open-reader.js';
export { createReader, readFromPrimary, type Reader, type ReaderOptions } from './reader.js';
export { watchReplica, type ReplicaState, type ReplicaWatch } from './replica.js';
