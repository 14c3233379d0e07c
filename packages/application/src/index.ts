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
export type { SettingContext, SettingUpdate } from './setting-changes.js';
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
