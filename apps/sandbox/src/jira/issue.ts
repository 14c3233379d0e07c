import type { JsonObject } from '../json.js';

/** A comment; `body` is ADF, `created` milliseconds since 1970. */
export interface Comment {
  readonly id: string;
  readonly body: JsonObject;
  readonly created: number;
}

/** A link between two issues, by their keys; with the type Duplicate, `inward` duplicates `outward`. */
export interface IssueLink {
  readonly id: string;
  readonly type: string;
  readonly inward: string;
  readonly outward: string;
}

/** A ticket; times in milliseconds since 1970. Never changed in place, so that a lagging index can keep old ones. */
export interface Issue {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly statusId: string;
  readonly fields: JsonObject;
  readonly comments: readonly Comment[];
  readonly created: number;
  readonly updated: number;
}
