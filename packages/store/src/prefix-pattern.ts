/** A pattern for LIKE that fits every text which begins with this one. */
export const prefixPattern = (q: string): string => `${q.replace(/[\\%_]/g, '\\$&')}%`;
