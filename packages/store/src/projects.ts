import type { Project } from '@deptracker/domain';
import type { Queryable } from './database.js';

export interface ProjectRow {
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

export const PROJECT_COLUMNS = `key, revision, name, team, repository_url, jira_project_key, default_channel_id, archived_at,
  created_at, updated_at`;

export function toProject(row: ProjectRow): Project {
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

/** Null where there is none with this key. */
export async function findProject(db: Queryable, key: string): Promise<Project | null> {
  const [row] = await db.query<ProjectRow>(`SELECT ${PROJECT_COLUMNS} FROM projects WHERE key = $1`, [key]);
  return row === undefined ? null : toProject(row);
}
