import type { ProblemKind } from '../http/problem-kinds.js';

/** What whoever makes a deployment can be told of its project and environment. */
export const UNFOUNDED = ['project-unknown', 'environment-unknown', 'project-archived', 'environment-archived'] as const satisfies readonly ProblemKind[];
