/** Every problem that the API answers with: the last part of its `type`, its status and its title. All are stable. */
export const PROBLEM_KINDS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'unauthentic': { status: 401, title: 'The request is not signed as it must be' },
  'wrong-workspace': { status: 403, title: 'The request comes from another workspace' },
  'not-eligible': { status: 403, title: 'This person may not decide' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'deployment-not-found': { status: 404, title: 'There is no such deployment' },
  'method-not-allowed': { status: 405, title: 'This address does not take the method' },
  'illegal-transition': { status: 409, title: 'The deployment cannot take this status now' },
  'immutable': { status: 409, title: 'A field cannot be changed any more' },
  'approval-not-required': { status: 409, title: 'The deployment needs no approval' },
  'approval-closed': { status: 409, title: 'The approval is decided' },
  'approval-lapsed': { status: 409, title: 'The time to decide is over' },
  'already-decided': { status: 409, title: 'This person has decided before' },
  'revision-mismatch': { status: 412, title: 'The deployment has changed meanwhile' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not of a supported type' },
  'retry-of-not-found': { status: 422, title: 'The deployment to retry does not exist' },
  'key-reused': { status: 422, title: 'The key was used for another request' },
  'rate-limited': { status: 429, title: 'Too many requests came from this address' },
  'internal': { status: 500, title: 'Something went wrong here' },
  'unavailable': { status: 503, title: 'Something that is needed cannot be reached' },
  'overloaded': { status: 503, title: 'Too much is asked at the moment' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemKind = keyof typeof PROBLEM_KINDS;
