export type { Block, Button, Mrkdwn, PlainText, SlackMessage } from './block.js';
export {
  APPROVE_ACTION,
  DECISION_BLOCK,
  REJECT_ACTION,
  approvalMessage,
} from './approval-message.js';
export type { TicketLink } from './templates/scene.js';
export { compileTemplate, type Compiled, type Template } from './templates/compile.js';
export { createTemplateReader, type StoredTemplate, type TemplateReaderOptions, type Templates } from './templates/template-set.js';
export { PURPOSE_RULES, type PurposeRule } from './templates/purposes.js';
export { exampleSubject, previewTemplate, type Preview, type PreviewSubject } from './templates/preview.js';
export { describedVariables, type DescribedVariable } from './templates/described-variables.js';
export { DIGEST_SIZE, digestMessage, noticeLine, replyMessage } from './notice-line.js';
export { gateReason } from './gate-reason.js';
export { ephemeralFor } from './ephemeral-for.js';
export type { Adf, AdfBlock, AdfInline, AdfMark } from './adf.js';
export { issueFields, labelledIds } from './issue-fields.js';
export { commentBody } from './comment-body.js';
export { ticketFields, ticketLabel, ticketSummary } from './ticket-fields.js';
export { type HomeView, type InputBlock, type ModalView, VIEW_LIMITS, type ViewBlock } from './view.js';
export {
  REASON_BLOCK,
  REASON_INPUT,
  REASON_MAX,
  REJECTION_CALLBACK,
  rejectionModal,
  tooLateModal,
} from './rejection-modal.js';
export { HOME_SIZE, type Home, homeView } from './home-view.js';
export { type CommandAnswer, RUNNING_SIZE, helpAnswer, listAnswer, runningAnswer } from './command-answer.js';
