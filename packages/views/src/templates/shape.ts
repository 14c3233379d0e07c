import type { TemplatePurpose } from '@deptracker/domain';
import type { Scene } from './scene.js';
import { type Value, type Variable, variablesOf } from './variables.js';

/** What a name stands for. `item` is one of a list, `value` what has no members. */
export type Shape =
  | { readonly kind: 'group' | 'item'; readonly members: ReadonlyMap<string, Shape> }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'open' }
  | { readonly kind: 'value' | 'flag' };

const VALUE: Shape = { kind: 'value' };

function shapeOf(variable: Variable): Shape {
  if (variable.kind === 'open') return { kind: 'open' };
  if (variable.kind !== 'list') return variable.kind === 'flag' ? { kind: 'flag' } : VALUE;
  const members = new Map(Object.keys(variable.members).map((name) => [name, VALUE]));
  return { kind: 'list', item: { kind: 'item', members } };
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
    root.set(group, { kind: 'group', members: members.set(member, shapeOf(variable)) });
  }
  return { kind: 'group', members: root };
}

/** A member of what stands for several; null where it has none of that name. */
export function memberOf(shape: Shape, name: string): Shape | null {
  if (shape.kind === 'open') return VALUE;
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

type Data = { [name: string]: Value | Data | readonly object[] | null };

function dataOf(variable: Variable, scene: Scene): Data[string] {
  if (variable.kind === 'list') return variable.items(scene);
  return variable.kind === 'open' ? variable.values(scene) : variable.value(scene);
}

/** Every value of a purpose, where its name says. */
export function valuesOf(purpose: TemplatePurpose, scene: Scene): Data {
  const root: Data = {};
  for (const variable of variablesOf(purpose)) {
    const [group = '', member] = variable.name.split('.');
    if (member === undefined) root[group] = dataOf(variable, scene);
    else ((root[group] ??= {}) as Data)[member] = dataOf(variable, scene);
  }
  if (scene.ticket === null && 'ticket' in root) root['ticket'] = null;
  return root;
}
