import type { Project } from '@deptracker/domain';

/** A project as the API shows it. */
export function presentProject(project: Project) {
  return {
    key: project.key,
    revision: project.revision,
    name: project.name,
    team: project.team,
    repositoryUrl: project.repositoryUrl,
    jiraProjectKey: project.jiraProjectKey,
    defaultChannelId: project.defaultChannelId,
    archivedAt: project.archivedAt?.toISOString() ?? null,
    createdAt: project.createdAt.toISOString(),
    updatedAt: project.updatedAt.toISOString(),
  };
}
