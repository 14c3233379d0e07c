export {
  createCreateDeployment,
  type CreateCommand,
  type CreateDeploymentOptions,
  type Created,
} from './create-deployment.js';
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
