export { keysOf } from './deployment-keys.js';
export {
  createCreateDeployment,
  type CreateCommand,
  type CreateDeploymentOptions,
  type Created,
} from './create-deployment.js';
export { createKnown, type Known } from './known.js';
export { archiveProject, createProject, noProject, updateProject } from './projects.js';
export { archiveEnvironment, createEnvironment, noEnvironment, updateEnvironment, type EnvironmentEdit } from './environments.js';
export type { SettingChange, SettingContext } from './setting-change.js';
export { createGround, type Defaults, type FindGround, type Ground, type GroundCause, type GroundOptions } from './ground.js';
export { createLinkedDeployments, type LinkedDeployments } from './create-linked.js';
export {
  decideByClick,
  decideDeployment,
  limitDeployment,
  updateDeployment,
  type ChangeContext,
  type ChangeOptions,
  type Changed,
  type UpdateCommand,
} from './change-deployment.js';
export { idempotently, type IdempotentOptions, type IdempotentAnswer } from './idempotently.js';
export { discardJob, noJob, replayJob, type JobOptions } from './jobs.js';
export { requestTicket, type RequestedTicket, type TicketCommand, type TicketContext } from './create-ticket.js';
export { receiveIssue, type IssueNews, type NewsOutcome } from './receive-issue.js';
export {
  assertValidTemplate,
  createTemplate,
  deleteTemplate,
  updateTemplate,
  type CheckTemplate,
  type NewTemplate,
} from './templates.js';
export { createConfigurations, ignoredBecause, noticeDelayOf, type Configurations } from './configurations.js';
export { resetConfiguration, setConfiguration } from './set-configuration.js';
export {
  createChannelMapping,
  createChannelMappings,
  deleteChannelMapping,
  type ChannelMappings,
} from './channel-mappings.js';
