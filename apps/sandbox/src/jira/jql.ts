/** A query that Jira would refuse, in its words. */
export class JqlError extends Error {}

/** `field in (values)`; `=` is one value. */
export interface Clause {
  readonly field: string;
  readonly values: readonly string[];
}

/** The part of JQL that is understood here: restrictions joined by AND, and an order. */
export interface Query {
  readonly clauses: readonly Clause[];
  readonly order: readonly { readonly field: string; readonly descending: boolean }[];
}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([\w.-]+)|([=(),]|!=|[<>~]=?))/y;
const CLAUSE_FIELDS = ['project', 'labels', 'key', 'issuekey', 'id', 'status', 'statuscategory', 'issuetype'];
const ORDER_FIELDS = ['created', 'updated', 'key', 'issuekey', 'id'];

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

function tokensOf(jql: string): Token[] {
  const tokens: Token[] = [];
  const text = jql.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const odd = text.slice(at).trimStart().charAt(0);
      throw new JqlError(`Error in the JQL Query: The character '${odd}' is not expected here.`);
    }
    const quoted = match[1] ?? match[2];
    tokens.push({ text: quoted?.replace(/\\(.)/g, '$1') ?? match[3] ?? match[4] ?? '', quoted: quoted !== undefined });
  }
  return tokens;
}

/** Reads tokens from left to right. */
class Reader {
  private at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  get ended(): boolean {
    return this.at >= this.tokens.length;
  }

  take(what: string): string {
    const token = this.tokens[this.at];
    if (token === undefined) throw new JqlError(`Error in the JQL Query: Expecting ${what} but got the end.`);
    this.at += 1;
    return token.text;
  }

  /** Takes these words (in any case) if they come next. */
  skip(...words: readonly string[]): boolean {
    const fits = words.every((word, index) => {
      const token = this.tokens[this.at + index];
      return token !== undefined && !token.quoted && token.text.toLowerCase() === word;
    });
    if (fits) this.at += words.length;
    return fits;
  }
}

function clauseOf(reader: Reader): Clause {
  const name = reader.take('a field');
  const field = name.toLowerCase();
  if (!CLAUSE_FIELDS.includes(field)) {
    throw new JqlError(`Field '${name}' does not exist or you do not have permission to view it.`);
  }
  if (reader.skip('=')) return { field, values: [reader.take('a value')] };
  if (!reader.skip('in', '(')) throw new JqlError(`Error in the JQL Query: Expecting '=' or 'in (' after '${name}'.`);
  const values = [reader.take('a value')];
  while (reader.skip(',')) values.push(reader.take('a value'));
  if (!reader.skip(')')) throw new JqlError("Error in the JQL Query: Expecting ')' or ','.");
  return { field, values };
}

function orderOf(reader: Reader): { field: string; descending: boolean } {
  const name = reader.take('a field');
  if (!ORDER_FIELDS.includes(name.toLowerCase())) throw new JqlError(`Not able to sort using field '${name}'.`);
  const descending = reader.skip('desc');
  if (!descending) reader.skip('asc');
  return { field: name.toLowerCase(), descending };
}

/**
 * Parses `labels in ("a","b") AND project = KEY ORDER BY created ASC` and its like. Raises JqlError for anything else,
 * also for a query without a restriction, which the v3 search refuses.
 */
export function parseJql(jql: string): Query {
  const reader = new Reader(tokensOf(jql));
  const clauses: Clause[] = [];
  const order: { field: string; descending: boolean }[] = [];
  let ordered = reader.skip('order', 'by');
  if (!ordered && !reader.ended) {
    do clauses.push(clauseOf(reader));
    while (reader.skip('and'));
    ordered = reader.skip('order', 'by');
  }
  if (ordered) {
    do order.push(orderOf(reader));
    while (reader.skip(','));
  }
  if (!reader.ended) throw new JqlError(`Error in the JQL Query: '${reader.take('')}' is not expected here.`);
  if (clauses.length === 0) {
    throw new JqlError('Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
  }
  return { clauses, order };
}
