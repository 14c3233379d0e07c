import type { MessageTemplate, TemplatePurpose } from '@deptracker/domain';
import type { Queryable, UnitOfWork } from './database.js';

interface TemplateRow {
  id: string;
  revision: number;
  purpose: TemplatePurpose;
  project: string | null;
  body: string;
  created_at: Date;
  updated_at: Date;
}

const COLUMNS = 'id, revision, purpose, project, body, created_at, updated_at';

function toTemplate(row: TemplateRow): MessageTemplate {
  return {
    id: row.id,
    revision: row.revision,
    purpose: row.purpose,
    project: row.project,
    body: row.body,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Waits until no other unit of work adds templates, so that they can be counted. */
export async function lockNewTemplates(uow: UnitOfWork): Promise<number> {
  await uow.query(`SELECT pg_advisory_xact_lock(hashtext('templates'))`);
  // A statement of its own: it sees what was committed while the lock was waited for.
  const [row] = await uow.query<{ count: number }>('SELECT count(*)::int AS count FROM templates');
  return row?.count ?? 0;
}

/** Adds a template; null where its purpose and project have one already. */
export async function insertTemplate(
  uow: UnitOfWork,
  { id, purpose, project, body }: Pick<MessageTemplate, 'id' | 'purpose' | 'project' | 'body'>,
): Promise<MessageTemplate | null> {
  const [row] = await uow.query<TemplateRow>(
    `INSERT INTO templates (id, purpose, project, body) VALUES ($1, $2, $3, $4)
     ON CONFLICT (purpose, coalesce(project, '')) DO NOTHING RETURNING ${COLUMNS}`,
    [id, purpose, project, body],
  );
  return row === undefined ? null : toTemplate(row);
}

/** The template of exactly this purpose and project; null where there is none. */
export async function findTemplateAt(db: Queryable, purpose: TemplatePurpose, project: string | null): Promise<MessageTemplate | null> {
  const [row] = await db.query<TemplateRow>(
    `SELECT ${COLUMNS} FROM templates WHERE purpose = $1 AND coalesce(project, '') = coalesce($2, '')`,
    [purpose, project],
  );
  return row === undefined ? null : toTemplate(row);
}

export async function findTemplate(db: Queryable, id: string): Promise<MessageTemplate | null> {
  const [row] = await db.query<TemplateRow>(`SELECT ${COLUMNS} FROM templates WHERE id = $1`, [id]);
  return row === undefined ? null : toTemplate(row);
}

/** The template, locked against every other writer until the unit of work ends. */
export async function lockTemplate(uow: UnitOfWork, id: string): Promise<MessageTemplate | null> {
  const [row] = await uow.query<TemplateRow>(`SELECT ${COLUMNS} FROM templates WHERE id = $1 FOR UPDATE`, [id]);
  return row === undefined ? null : toTemplate(row);
}

/** Gives a locked template another body and the next revision. */
export async function saveTemplateBody(uow: UnitOfWork, { id }: Pick<MessageTemplate, 'id'>, body: string): Promise<MessageTemplate> {
  const [row] = await uow.query<TemplateRow>(
    `UPDATE templates SET body = $2, revision = revision + 1, updated_at = now() WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, body],
  );
  if (row === undefined) throw new Error(`The template ${id} was not locked.`);
  return toTemplate(row);
}

/** Removes a locked template. */
export async function deleteTemplate(uow: UnitOfWork, id: string): Promise<void> {
  await uow.query('DELETE FROM templates WHERE id = $1', [id]);
}

export interface TemplateFilter {
  readonly purpose?: TemplatePurpose;
  readonly project?: string;
}

/** Templates in the order in which they were added, `limit` of them after the one of id `after`. */
export async function listTemplates(
  db: Queryable,
  { purpose, project }: TemplateFilter,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<MessageTemplate[]> {
  const rows = await db.query<TemplateRow>(
    `SELECT ${COLUMNS} FROM templates
     WHERE ($1::text IS NULL OR purpose = $1) AND ($2::text IS NULL OR project = $2) AND ($3::uuid IS NULL OR id > $3)
     ORDER BY id LIMIT $4`,
    [purpose ?? null, project ?? null, after, limit],
  );
  return rows.map(toTemplate);
}

/** What rendering needs of a template; without the body where the reader knows this revision. */
export type TemplateInForce = Pick<MessageTemplate, 'id' | 'revision' | 'purpose' | 'project'> & { readonly body: string | null };

/** All templates. Those whose `<id>@<revision>` is known come without their bodies, since most never change. */
export async function readTemplates(db: Queryable, known: readonly string[]): Promise<TemplateInForce[]> {
  const rows = await db.query<Omit<TemplateRow, 'body'> & { body: string | null }>(
    `SELECT id, revision, purpose, project, CASE WHEN id || '@' || revision = ANY ($1::text[]) THEN NULL ELSE body END AS body
     FROM templates`,
    [known],
  );
  return rows.map(({ id, revision, purpose, project, body }) => ({ id, revision, purpose, project, body }));
}
