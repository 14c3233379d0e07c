import { afterAll, beforeAll, expect, it } from 'vitest';
import { SLOTS } from '../fleet/slots.js';
import { load } from '../load.js';
import { Scene } from '../scene.js';

/** Requests a second, and how often every process is replaced. */
const RATE = Number(process.env['RATE'] ?? 200);
const ROUNDS = Number(process.env['ROUNDS'] ?? 2);

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open({ directFront: true });
  await scene.begin();
}, 300_000);

afterAll(async () => {
  await scene.stop(process.env['KEEP'] !== undefined);
});

it(
  'a rolling restart of every process under load fails no request, and what was under way is done afterwards',
  async () => {
    const codes: (number | null)[] = [];
    const rolling = (async (): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const slot of SLOTS) codes.push(await scene.fleet.process(slot).replace());
      }
    })();
    const { sent, failed, ms } = await load(scene, RATE, rolling);
    await rolling;
    const sorted = [...ms].sort((a, b) => a - b);
    process.stdout.write(`${sent} requests during ${codes.length} replacements: ${failed.length} failed, p99 ${Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0)} ms, worst ${Math.round(sorted.at(-1) ?? 0)} ms\n`);
    expect(codes.filter((code) => code !== 0)).toEqual([]);
    expect(failed).toEqual([]);
    const { ms: settledMs } = await scene.sound(120_000);
    process.stdout.write(`all done ${Math.round(settledMs)} ms after the last one\n`);
  },
  900_000,
);
