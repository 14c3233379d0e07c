import type { CreateBody } from './schema.js';

/** Printable ASCII with nothing to trim: joi takes such text as it is. */
const LINE = /^[!-~](?:[ -~]*[!-~])?$/;
const PROSE = /^[!-~](?:[ -~\n]*[!-~])?$/;
const SHA = /^[0-9a-f]{7,64}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** As most people's addresses are, well within what is allowed. */
const EMAIL = /^[a-z0-9_+-]{1,20}(?:\.[a-z0-9_+-]{1,20}){0,2}@(?:[a-z0-9]{1,30}\.){1,3}[a-z]{2,10}$/;
const WEB = /^https?:\/\/[a-z0-9.:-]+(?:\/[ -~]*)?$/;
const NAME = /^[a-zA-Z][\w.-]{0,62}$/;

const FIELDS: ReadonlySet<string> = new Set([
  'project', 'environment', 'version', 'commitSha', 'ref', 'requestedBy', 'source', 'externalId', 'retryOf', 'description', 'links', 'metadata',
]);

const MOST_LINKS = 20;
/** JSON makes two characters of one at most, so that these stay within the limit of bytes. */
const MOST_METADATA = 8_000;
/** Of a member of the metadata besides its name and text. */
const MEMBER = 32;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown, pattern: RegExp, max: number): value is string =>
  typeof value === 'string' && value.length <= max && pattern.test(value);

const isLine = (value: unknown, max: number): value is string => isText(value, LINE, max);

/** Where nothing or null is given it becomes null. */
const isNone = (value: unknown): value is null | undefined => value === undefined || value === null;

function isLink(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { title, url } = value;
  return Object.keys(value).length === 2 && isLine(title, 200) && isLine(url, 2000) && WEB.test(url) && URL.canParse(url);
}

function areLinks(value: unknown): value is CreateBody['links'] {
  return Array.isArray(value) && value.length <= MOST_LINKS && value.every(isLink);
}

/** Flat, small, and of what is plain itself. */
function isMetadata(value: unknown): value is CreateBody['metadata'] {
  if (!isObject(value)) return false;
  let size = 0;
  for (const [name, of] of Object.entries(value)) {
    const isPlain = typeof of === 'string' ? of === '' || LINE.test(of) : of === null || typeof of === 'boolean' || Number.isFinite(of);
    if (!isPlain || !NAME.test(name)) return false;
    size += name.length + (typeof of === 'string' ? of.length : 0) + MEMBER;
  }
  return size <= MOST_METADATA;
}

/**
 * What `createBody` makes of a body in which nothing needs a second look; null for any other, which joi judges. Knows less
 * than the schema and never more: joi keeps a dozen objects for each field, which was a quarter of what a create allocated.
 */
export function plainCreation(body: unknown): CreateBody | null {
  if (!isObject(body)) return null;
  for (const name of Object.keys(body)) if (!FIELDS.has(name)) return null;
  const { project, environment, version, commitSha, ref, requestedBy, source, externalId, retryOf, description } = body;
  const { links = [], metadata = {} } = body;
  if (!isLine(project, 200) || !isLine(environment, 200) || !isLine(version, 200)) return null;
  if (!isNone(commitSha) && !isText(commitSha, SHA, 64)) return null;
  if (!isNone(ref) && !isLine(ref, 255)) return null;
  if (!isNone(requestedBy) && !isText(requestedBy, EMAIL, 254)) return null;
  if (!isNone(source) && !isLine(source, 200)) return null;
  if (!isNone(externalId) && !isLine(externalId, 200)) return null;
  if (!isNone(retryOf) && !isText(retryOf, UUID, 36)) return null;
  if (!isNone(description) && !isText(description, PROSE, 4000)) return null;
  if (!areLinks(links) || !isMetadata(metadata)) return null;
  return {
    project,
    environment,
    version,
    commitSha: commitSha ?? null,
    ref: ref ?? null,
    requestedBy: requestedBy ?? null,
    source: source ?? null,
    externalId: externalId ?? null,
    retryOf: retryOf ?? null,
    description: description ?? null,
    links,
    metadata,
  };
}
