import type { Project } from '@deptracker/domain';
import { iso } from '../../http/iso.js';

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
    archivedAt: iso(project.archivedAt),
    createdAt: iso(project.createdAt),
    updatedAt: iso(project.updatedAt),
  };
}
