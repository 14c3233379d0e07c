import type { TemplatePurpose } from '@deptracker/domain';
import { plainPen } from './pen.js';
import { exampleSubject } from './preview.js';
import { ROOM_FOR, type Scene } from './scene.js';
import { type Value, type Variable, variablesOf } from './variables.js';

/** A variable as a writer of templates needs to know it. */
export interface DescribedVariable {
  /** As it is written, e.g. `deployment.project`; of an item of a list `deployment.links[].title`, written as `title`. */
  readonly name: string;
  readonly kind: 'text' | 'number' | 'flag' | 'list';
  readonly meaning: string;
  /** What it is of the example deployment; null where that has none. */
  readonly example: string | null;
}

const shown = (value: Value | undefined): string | null => (value === null || value === undefined ? null : String(value));

function describe(variable: Variable, scene: Scene): DescribedVariable[] {
  const { name, meaning } = variable;
  switch (variable.kind) {
    case 'list': {
      const [item = {}] = variable.items(scene);
      const members = Object.entries(variable.members).map(
        ([member, means]): DescribedVariable => ({ name: `${name}[].${member}`, kind: 'text', meaning: means, example: shown(item[member]) }),
      );
      return [{ name, kind: 'list', meaning, example: null }, ...members];
    }
    case 'open': {
      const [first] = Object.entries(variable.values(scene));
      return [{ name: `${name}.<name>`, kind: 'text', meaning, example: shown(first?.[1]) }];
    }
    default:
      return [{ name, kind: variable.kind, meaning, example: shown(variable.value(scene)) }];
  }
}

/** Everything that a template of this purpose may name, with what the example deployment has there. */
export function describedVariables(purpose: TemplatePurpose): DescribedVariable[] {
  const scene: Scene = { ...exampleSubject(purpose), thread: true, pen: plainPen, room: ROOM_FOR.ticket };
  return variablesOf(purpose).flatMap((variable) => describe(variable, scene));
}
