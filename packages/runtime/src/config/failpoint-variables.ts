import type { FailpointSetting } from '../process/failpoints.js';
import { FAILPOINTS, FailpointMistake, parseFailpoints } from '../process/parse-failpoints.js';
import { WrongPart, parsed, variable } from './variable.js';

function settingOf(text: string): FailpointSetting {
  if (text.startsWith('@')) return { kind: 'file', path: text.slice(1) };
  try {
    return { kind: 'rules', ...parseFailpoints(text) };
  } catch (error) {
    throw error instanceof FailpointMistake ? new WrongPart(error.part) : error;
  }
}

/** Where a test ends, stops or breaks a process. */
export const FAILPOINT_VARIABLES = {
  FAILPOINTS: variable<FailpointSetting | undefined>(
    {
      description: 'For tests of faults: where this process ends, stops or fails. Refused in production.',
      optional: true,
      example: 'after_commit:SIGKILL,before_write_back:SIGSTOP@3',
    },
    {
      schema: parsed(settingOf),
      expects:
        'rules point:action, point:action@pass or point:action%percent between commas, or @ and the path of a file of them ' +
        `(points: ${Object.keys(FAILPOINTS).join(', ')}; actions: SIGKILL, SIGSTOP, SIGTERM, throw)`,
    },
  ),
} as const;
