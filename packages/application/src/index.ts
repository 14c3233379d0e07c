export { keysOf } from './deployment-keys.js';
export {
  createCreateDeployment,
  type CreateCommand,
  type CreateDeploymentOptions,
  type Created,
} from './create-deployment.js';
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
