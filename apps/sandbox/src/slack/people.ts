/** A person of the workspace; without an address where the workspace hides it. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string | null;
}

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi'];

function person(id: string, realName: string, email: string | null): Person {
  return { id, name: realName.toLowerCase().replaceAll(' ', '.'), realName, email };
}

/** The people whom the page offers: U0ALICE is alice@example.com, and so on; U0NOEMAIL has no address. */
export const PEOPLE: readonly Person[] = [
  ...NAMES.map((name) => person(`U0${name.toUpperCase()}`, name, `${name.toLowerCase()}@example.com`)),
  person('U0NOEMAIL', 'No Email', null),
];

/** The person with this id. Ids that begin with U1 make up a person each (U1X7 is u1x7@example.com), for crowds. */
export function personById(id: string): Person | undefined {
  const known = PEOPLE.find((one) => one.id === id);
  if (known !== undefined) return known;
  return /^U1[A-Z0-9]+$/.test(id) ? person(id, id, `${id.toLowerCase()}@example.com`) : undefined;
}
