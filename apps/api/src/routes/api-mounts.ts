/** Where the API stands; the one with a version stays when another version comes. */
export const API_MOUNTS = ['/api/v1', '/api'] as const;
