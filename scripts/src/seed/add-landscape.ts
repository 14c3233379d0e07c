import type pg from 'pg';
import { ENVIRONMENTS, type SeedProject } from './landscape.js';
import type { Random } from './random.js';

/** That a project or environment was created, as GET /events tells it; of those that were there already nothing is told. */
const toldOf = (kind: 'project' | 'environment', key: string): string => `
INSERT INTO setting_events (id, subject_kind, subject_id, revision, type, data, at)
SELECT "eventId", '${kind}', created.${key}, 1, '${kind}.created', fields, $2 FROM created JOIN given USING (${key}) ORDER BY created.${key}`;

function projectFields({ key, name, team }: SeedProject): object {
  const repositoryUrl = `https://git.example.com/${team.name.toLowerCase().replaceAll(' ', '-')}/${key}`;
  return { key, name, team: team.name, repositoryUrl, jiraProjectKey: null, defaultChannelId: team.channelId };
}

function environmentFields({ name, rank, production, approvalsRequired: required, timeoutSeconds }: (typeof ENVIRONMENTS)[number]): object {
  return { name, rank, production, approvalPolicy: { required, eligible: null, requesterMayApprove: false, ttlSeconds: 86_400, timeoutSeconds } };
}

/** Adds the projects and environments that are not there yet, as created at `since`. */
export async function addLandscape(client: pg.Client, projects: readonly SeedProject[], since: Date, random: Random): Promise<void> {
  const given = (all: readonly object[]): string => JSON.stringify(all.map((fields) => ({ ...fields, eventId: random.uuid(since.getTime()), fields })));
  await client.query(
    `WITH given AS (
       SELECT * FROM json_to_recordset($1::json) AS p(key text, name text, team text, "repositoryUrl" text, "defaultChannelId" text, "eventId" uuid, fields jsonb)
     ), created AS (
       INSERT INTO projects (key, name, team, repository_url, default_channel_id, created_at, updated_at)
       SELECT key, name, team, "repositoryUrl", "defaultChannelId", $2, $2 FROM given ORDER BY key ON CONFLICT DO NOTHING RETURNING key
     ) ${toldOf('project', 'key')}`,
    [given(projects.map(projectFields)), since],
  );
  await client.query(
    `WITH given AS (
       SELECT * FROM json_to_recordset($1::json) AS e(name text, rank int, production boolean, "approvalPolicy" json, "eventId" uuid, fields jsonb)
     ), created AS (
       INSERT INTO environments (name, rank, production, approvals_required, requester_may_approve, approval_ttl_s, timeout_s, created_at, updated_at)
       SELECT name, rank, production, ("approvalPolicy" ->> 'required')::int, ("approvalPolicy" ->> 'requesterMayApprove')::boolean,
         ("approvalPolicy" ->> 'ttlSeconds')::int, ("approvalPolicy" ->> 'timeoutSeconds')::int, $2, $2
       FROM given ORDER BY name ON CONFLICT DO NOTHING RETURNING name
     ) ${toldOf('environment', 'name')}`,
    [given(ENVIRONMENTS.map(environmentFields)), since],
  );
}
