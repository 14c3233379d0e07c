const NAMES = new Map<string, string>();

/**
 * Marks a statement that is run so often that its parsing and planning would cost more than its work: each connection
 * keeps it under this name (https://node-postgres.com/features/queries#prepared-statements). Gives the text back, to be
 * run as any other. Such a statement names its columns, and no migration changes their types: a plan that is kept must
 * not change what it returns. The same name for another text is an error.
 */
export function prepared(name: string, text: string): string {
  for (const [known, taken] of NAMES) if (taken === name && known !== text) throw new Error(`There is another prepared statement ${name}.`);
  NAMES.set(text, name);
  return text;
}

/** The name under which connections keep this text; undefined for one that was never marked. */
export const preparedName = (text: string): string | undefined => NAMES.get(text);
