import { afterAll, beforeAll, describe, it } from 'vitest';
import { SHORTENED } from './fleet/environment.js';
import { lineOf, tableOf } from './recovery/markdown.js';
import { type Measured, measure } from './recovery/measure.js';
import { FAULTS } from './recovery/table.js';
import { Scene } from './scene.js';

/** How often each fault happens; ONLY names a part of the faults. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 1);
const ONLY = process.env['ONLY'] ?? '';
const MOST_MS = 400_000;

const lines: string[] = [];
let scene: Scene;
/** A round did not come to its end: the logs are worth a look. */
let failed = false;

beforeAll(async () => {
  // Longer leases: on a busy machine the short ones run out between claim and intent, and that would be measured.
  scene = await Scene.open({ directFront: true, overrides: { all: { LEASE_MS: String(2 * Number(SHORTENED['LEASE_MS'])) } } });
}, 300_000);

afterAll(async () => {
  process.stdout.write(`\n${tableOf(lines)}\n`);
  await scene.stop(failed);
});

describe('under a steady load', () => {
  for (const fault of FAULTS.filter(({ name }) => name.includes(ONLY))) {
    it(
      `${fault.name}: ${fault.promise}`,
      async () => {
        const rounds: Measured[] = [];
        let done = false;
        try {
          for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(scene, fault));
          done = true;
        } finally {
          failed ||= !done;
          const line = rounds.length > 0 ? lineOf(fault, rounds) : `| ${fault.name} | ${fault.promise} | no round came to its end |`;
          lines.push(done ? line : `${line} BROKEN`);
          process.stdout.write(`${lines.at(-1) ?? ''}\n`);
        }
      },
      ROUNDS * MOST_MS,
    );
  }
});
