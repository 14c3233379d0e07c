import { CLAIM } from './claim.js';
import { CLICK } from './click.js';
import { CONNECTIONS } from './connections.js';
import { CREATE } from './create.js';
import { DRAIN } from './drain.js';
import { GET } from './get.js';
import { LISTS } from './lists.js';
import { MIXED } from './mixed.js';
import type { Scenario } from './scenario.js';
import { START } from './start.js';
import { TASKS } from './tasks.js';

/** Everything that is measured, in the order in which it is: last what takes longest where there is little time. */
export const SCENARIOS: readonly Scenario[] = [...CREATE, ...GET, ...MIXED, ...CONNECTIONS, ...CLAIM, ...CLICK, ...START, ...LISTS, ...TASKS, ...DRAIN];

/** The scenarios of these names, in the order of the table; an error for a name that there is not. */
export function scenariosOf(names: readonly string[]): Scenario[] {
  const unknown = names.filter((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}.`);
  return SCENARIOS.filter(({ name }) => names.includes(name));
}
