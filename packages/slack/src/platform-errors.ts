/** What a code of Slack's, `{ "ok": false, "error": code }`, says about the request that got it. */
export type PlatformVerdict = 'row' | 'operator' | 'rate' | 'unclear';

/** This request will never work as it is: its channel, message or content is at fault. */
const ROW = [
  'block_mismatch',
  'cannot_reply_to_message',
  'cant_delete_message',
  'cant_update_message',
  'channel_not_found',
  'duplicate_external_id',
  'edit_window_closed',
  'exchanged_trigger_id',
  'expired_trigger_id',
  'hash_conflict',
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_cursor',
  'invalid_limit',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'invalid_trigger_id',
  'invalid_ts_latest',
  'invalid_ts_oldest',
  'is_archived',
  'is_inactive',
  'message_not_found',
  'messages_tab_disabled',
  'metadata_must_be_sent_from_app',
  'metadata_too_large',
  'method_not_supported_for_channel_type',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
  'not_enabled',
  'not_in_channel',
  'restricted_action',
  'restricted_action_non_threadable_channel',
  'restricted_action_read_only_channel',
  'restricted_action_thread_locked',
  'restricted_action_thread_only_channel',
  'thread_not_found',
  'user_not_found',
  'user_not_in_channel',
  'user_not_visible',
  'users_not_found',
  'view_too_large',
];

/** The app's token, scopes or installation are at fault: no row can mend it, so none may be used up by it. */
const OPERATOR = [
  'access_denied',
  'account_inactive',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_auth',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'org_login_required',
  'team_access_not_granted',
  'team_added_to_org',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
];

const RATE = ['message_limit_exceeded', 'rate_limited', 'ratelimited'];

const VERDICTS: ReadonlyMap<string, PlatformVerdict> = new Map([
  ...ROW.map((code) => [code, 'row'] as const),
  ...OPERATOR.map((code) => [code, 'operator'] as const),
  ...RATE.map((code) => [code, 'rate'] as const),
]);

/** `unclear` for every code that is not known for sure to mean "not applied", `fatal_error` included. */
export function platformVerdict(code: string): PlatformVerdict {
  return VERDICTS.get(code) ?? 'unclear';
}
