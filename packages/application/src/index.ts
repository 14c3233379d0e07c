export {
  createCreateDeployment,
  type CreateCommand,
  type CreateDeploymentOptions,
  type Created,
} from './create-deployment.js';
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
export {
  assertValidTemplate,
  createTemplate,
  deleteTemplate,
  updateTemplate,
  type CheckTemplate,
  type NewTemplate,
  type TemplateContext,
} from './templates.js';
