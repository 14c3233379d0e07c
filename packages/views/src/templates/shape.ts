import type { TemplatePurpose } from '@deptracker/domain';
import type { Scene } from './scene.js';
import { type Variable, variablesOf } from './variables.js';

/** What a name stands for. `item` is one of a list, `value` what has no members; `from` is where it comes from. */
export type Shape =
  | { readonly kind: 'group' | 'item'; readonly members: ReadonlyMap<string, Shape>; readonly from: Variable | null }
  | { readonly kind: 'list'; readonly item: Shape; readonly from: Variable }
  | { readonly kind: 'open' | 'value' | 'flag'; readonly from: Variable };

function shapeOf(variable: Variable): Shape {
  const from = variable;
  if (variable.kind === 'open') return { kind: 'open', from };
  if (variable.kind !== 'list') return { kind: variable.kind === 'flag' ? 'flag' : 'value', from };
  const members = new Map(Object.keys(variable.members).map((name): [string, Shape] => [name, { kind: 'value', from }]));
  return { kind: 'list', item: { kind: 'item', members, from }, from };
}

/** The variables of a purpose by group: names have one dot at most. */
export function shapeOfPurpose(purpose: TemplatePurpose): Shape {
  const root = new Map<string, Shape>();
  for (const variable of variablesOf(purpose)) {
    const [group = '', member] = variable.name.split('.');
    if (member === undefined) {
      root.set(group, shapeOf(variable));
      continue;
    }
    const found = root.get(group);
    const members = new Map(found?.kind === 'group' ? found.members : []);
    root.set(group, { kind: 'group', members: members.set(member, shapeOf(variable)), from: null });
  }
  return { kind: 'group', members: root, from: null };
}

/** A member of what stands for several; null where it has none of that name. */
export function memberOf(shape: Shape, name: string): Shape | null {
  if (shape.kind === 'open') return { kind: 'value', from: shape.from };
  return shape.kind === 'group' || shape.kind === 'item' ? (shape.members.get(name) ?? null) : null;
}

/** Every name that stands for something below a shape, as it is written there. */
export function namesIn(shape: Shape, prefix = ''): string[] {
  if (shape.kind !== 'group' && shape.kind !== 'item') return [];
  return [...shape.members].flatMap(([name, member]) => {
    const full = `${prefix}${name}`;
    return member.kind === 'group' ? namesIn(member, `${full}.`) : [member.kind === 'open' ? `${full}.<name>` : full];
  });
}

/** What Mustache looks names up in. */
type Data = Record<string, unknown>;

function dataOf(variable: Variable, scene: Scene): unknown {
  if (variable.kind === 'list') return variable.items(scene);
  return variable.kind === 'open' ? variable.values(scene) : variable.value(scene);
}

/** The values of variables, where their names say. */
export function valuesOf(variables: readonly Variable[], scene: Scene): Data {
  // There whatever else is: sections ask for whole groups.
  const root: Data = { deployment: {}, approval: {}, event: {}, ticket: scene.ticket === null ? null : {} };
  for (const variable of variables) {
    const [group = '', member] = variable.name.split('.');
    if (member === undefined) root[group] = dataOf(variable, scene);
    else if (root[group] !== null) (root[group] as Data)[member] = dataOf(variable, scene);
  }
  return root;
}
