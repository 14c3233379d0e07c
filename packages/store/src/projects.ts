import type { Project, ProjectFields } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';
import { prefixPattern } from './prefix-pattern.js';
import { prepared } from './prepared.js';
import { sqlBuilder } from './sql-builder.js';

interface ProjectRow {
  key: string;
  revision: number;
  name: string;
  team: string | null;
  repository_url: string | null;
  jira_project_key: string | null;
  default_channel_id: string | null;
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = `key, revision, name, team, repository_url, jira_project_key, default_channel_id, archived_at, created_at, updated_at`;

function toProject(row: ProjectRow): Project {
  return {
    key: row.key,
    revision: row.revision,
    name: row.name,
    team: row.team,
    repositoryUrl: row.repository_url,
    jiraProjectKey: row.jira_project_key,
    defaultChannelId: row.default_channel_id,
    archivedAt: row.archived_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const first = ([row]: readonly ProjectRow[]): Project | null => (row === undefined ? null : toProject(row));

/** Null where there is none with this key. */
export async function findProject(db: Queryable, key: string): Promise<Project | null> {
  return first(await db.query<ProjectRow>(`SELECT ${COLUMNS} FROM projects WHERE key = $1`, [key]));
}

const FIND = prepared('find_projects', `SELECT ${COLUMNS} FROM projects WHERE key = ANY ($1::text[])`);

/** Many at once, by key; those that there are not are absent. */
export async function findProjects(db: Queryable, keys: readonly string[]): Promise<Map<string, Project>> {
  const rows = await db.query<ProjectRow>(FIND, [keys]);
  return new Map(rows.map((row) => [row.key, toProject(row)]));
}

/** Likewise; nobody else changes it before the unit of work ends. */
export async function lockProject(uow: UnitOfWork, key: string): Promise<Project | null> {
  return first(await uow.query<ProjectRow>(`SELECT ${COLUMNS} FROM projects WHERE key = $1 FOR UPDATE`, [key]));
}

const fieldsOf = (key: string, fields: ProjectFields): unknown[] => [
  key,
  fields.name,
  fields.team,
  fields.repositoryUrl,
  fields.jiraProjectKey,
  fields.defaultChannelId,
];

/** Null, and nothing is written, where the key is taken; one that is being created elsewhere is waited for. */
export async function insertProject(uow: UnitOfWork, key: string, fields: ProjectFields): Promise<Project | null> {
  const rows = await uow.query<ProjectRow>(
    `INSERT INTO projects (key, name, team, repository_url, jira_project_key, default_channel_id)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    fieldsOf(key, fields),
  );
  return first(rows);
}

/** Writes a locked project as its next revision; an archived one keeps since when it is. */
export async function saveProject(uow: UnitOfWork, key: string, fields: ProjectFields, archived: boolean): Promise<Project> {
  const rows = await uow.query<ProjectRow>(
    `UPDATE projects SET revision = revision + 1, name = $2, team = $3, repository_url = $4, jira_project_key = $5,
       default_channel_id = $6, archived_at = CASE WHEN $7 THEN coalesce(archived_at, now()) END, updated_at = now()
     WHERE key = $1 RETURNING ${COLUMNS}`,
    [...fieldsOf(key, fields), archived],
  );
  const saved = first(rows);
  if (saved === null) throw new Error(`The project ${key} was not locked.`);
  return saved;
}

/** Filters of a list; all that are given must hold. */
export interface ProjectFilter {
  /** Undefined is both. */
  readonly archived?: boolean;
  readonly team?: string;
  /** Prefix of the key, case-sensitive. */
  readonly q?: string;
}

// Bytes have one order everywhere; that of a language has not, and no prefix can be found by it.
const KEY = 'key COLLATE "C"';

/** A page of projects by key, and the key after which the next one goes on; null at the end. */
export async function listProjects(
  db: Queryable,
  { archived, team, q }: ProjectFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly projects: Project[]; readonly next: string | null }> {
  const builder = await sqlBuilder();
  const query = builder('projects').select(builder.raw(COLUMNS)).orderByRaw(KEY).limit(page.limit + 1);
  if (archived !== undefined) query.whereRaw(`archived_at IS ${archived ? 'NOT NULL' : 'NULL'}`);
  if (team !== undefined) query.where({ team });
  if (q !== undefined) query.whereRaw(`${KEY} LIKE ?`, [prefixPattern(q)]);
  if (page.after !== null) query.whereRaw(`${KEY} > ?`, [page.after]);
  const { sql, bindings } = query.toSQL().toNative();
  const rows = await db.query<ProjectRow>(sql, bindings);
  const shown = rows.slice(0, page.limit).map(toProject);
  return { projects: shown, next: rows.length > page.limit ? (shown.at(-1)?.key ?? null) : null };
}
