export { createDatabase, UnavailableError, type Database, type DatabaseOptions, type Queryable, type UnitOfWork } from './database.js';
export { openDatabase } from './open-database.js';
export { observeBacklog, observePool, openPool, postgresComponent, type PoolVariables } from './operate.js';
export { migrateDown, migrateUp, migrationStatus, type MigrationStatus } from './migrate.js';
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
export type { ChangeKind, ChangeNotice, SettingKind } from './change-notice.js';
export { createChangeFeed, type ChangeFeed, type ChangeListener } from './change-feed.js';
export { createFresh, type Fresh, type FreshOptions } from './fresh.js';
export { recordSettingEvent, type SettingEvent } from './setting-events.js';
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
export { findRollbackTarget, findSuccessor } from './succeeded.js';
export { listDeployments, type DeploymentFilter, type Position } from './list-deployments.js';
export { createFreshByKey, type FreshByKey, type FreshByKeyOptions } from './fresh-by-key.js';
export {
  findEnvironment,
  insertEnvironment,
  listEnvironments,
  lockEnvironment,
  saveEnvironment,
  type EnvironmentFilter,
  type EnvironmentPosition,
} from './environments.js';
export { findProject, insertProject, listProjects, lockProject, saveProject, type ProjectFilter } from './projects.js';
export { EFFECT_TARGETS, PHASES, type Effect, type Phase, type QueueMs, type QueuedEffect } from './effect-row.js';
export { oweComment, oweEffects, type OweOptions } from './owe-effects.js';
export { claimEffect, claimUnknown, findEffect, intendToSend, postponeEffect } from './claim-effects.js';
export { distrustEffect, learnExternalId, recordEffect, type EffectPatch } from './record-effect.js';
export { adoptMessage, hasEarlierReply, linkTicketInMessage, showTicketInMessage, wakeChildren } from './related-effects.js';
export { countBacklog, summarizeBacklog, type Backlog } from './backlog.js';
export { hasOverdue, listDue, takeUnqueued } from './due-effects.js';
export { gatherDigest, listDigestMembers, settleDigestMembers, type DigestMember } from './digests.js';
export { findOutside, saveMessage, saveTicket, type MessageRecord, type Outside, type TicketRecord } from './outside.js';
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
