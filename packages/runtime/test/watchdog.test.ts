import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listenOn } from '../dist/process/silence.js';
import { spawnFixture } from './fixtures/spawn-fixture.js';

const TIMEOUT_MS = 1_000;

describe('a process that is watched', () => {
  test.each(['blocked loop', 'silent loop'])('is killed with a word on stderr when it gives no more sign of life (%s)', async (scenario) => {
    const fixture = spawnFixture(scenario, String(TIMEOUT_MS));
    await fixture.logged('ready');
    await fixture.exit;
    expect(fixture.child.signalCode).toBe('SIGKILL');
    const [line = ''] = fixture.stderr().split('\n');
    expect(JSON.parse(line)).toMatchObject({ level: 'error', message: 'no sign of life, ending hard', service: 'fixture', timeout_ms: TIMEOUT_MS });
  });
});

describe('silence', () => {
  test('ends with a sign of life, lasts no longer than time has passed, and a stop of the whole process is no part of it', () => {
    const look = fc.record({ beats: fc.nat(3), ms: fc.integer({ min: 0, max: 100 }), stoppedMs: fc.constantFrom(0, 0, 3_600_000) });
    fc.assert(
      fc.property(fc.array(look), (looks) => {
        let silence = { beats: 0, at: 0, silentMs: 0 };
        let awakeSince = 0;
        for (const { beats, ms, stoppedMs } of looks) {
          awakeSince = beats === silence.beats ? awakeSince + 100 : 0;
          silence = listenOn(silence, { beats, at: silence.at + ms + stoppedMs }, 100);
          expect(silence.silentMs).toBeLessThanOrEqual(awakeSince);
        }
      }),
    );
    const quiet = [100, 200, 300].reduce((before, at) => listenOn(before, { beats: 1, at }, 1_000), { beats: 1, at: 0, silentMs: 0 });
    expect(quiet.silentMs).toBe(300);
    expect(listenOn(quiet, { beats: 2, at: 400 }, 1_000).silentMs).toBe(0);
  });
});
