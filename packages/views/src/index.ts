export type { Block, Button, Mrkdwn, PlainText, SlackMessage } from './block.js';
export {
  APPROVE_ACTION,
  DECISION_BLOCK,
  REJECT_ACTION,
  approvalMessage,
  type TicketLink,
} from './approval-message.js';
export { DIGEST_SIZE, digestMessage, noticeLine, replyMessage } from './notice-line.js';
export { gateReason } from './gate-reason.js';
export { ephemeralFor } from './ephemeral-for.js';
export type { Adf, AdfBlock, AdfInline, AdfMark } from './adf.js';
export { commentBody } from './comment-body.js';
export { ticketFields, ticketLabel } from './ticket-fields.js';
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
