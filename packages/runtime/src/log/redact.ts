const SECRET_NAME = /token|secret|password|authorization|signature/i;

/** Greedy up to the last @, because an unencoded password may hold one itself. */
const STORE_ADDRESS = /\b((?:postgres(?:ql)?|rediss?):\/\/[^\s:@/]*:)[^\s"'<>]*@/gi;
const WEB_ADDRESS = /\b(https?:\/\/[^\s:@/]*:)[^\s@/]*@/gi;
const QUERY_PASSWORD = /([?&]password=)[^&\s"']*/gi;
const SLACK_TOKEN = /\bx(?:ox[a-z]|app)-[\w-]+/g;
const AUTH_SCHEME = /\b(Bearer|Basic) +[\w.~+/=-]{8,}/g;

/** Whatever one of the forms above has, so that a text with none of them is looked through once. */
const SUSPICIOUS = /:\/\/|\bx(?:ox|app)|\b(?:Bearer|Basic) /i;

export const REDACTED = '[redacted]';

/** True for a field whose name says that its value is a credential. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Masks passwords in addresses and credentials that can be told by their form, wherever they stand in the text. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let safe = text;
  if (safe.includes('://')) {
    safe = safe.replace(STORE_ADDRESS, '$1***@').replace(WEB_ADDRESS, '$1***@').replace(QUERY_PASSWORD, '$1***');
  }
  return safe.replace(SLACK_TOKEN, REDACTED).replace(AUTH_SCHEME, `$1 ${REDACTED}`);
}
