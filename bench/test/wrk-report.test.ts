import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type TimeCount, measuredTimes, readReport } from '../dist/load/wrk-report.js';

/** What wrk does at the end of a run to what it has measured. */
function corrected(counts: readonly TimeCount[], mean: number): TimeCount[] {
  const all = new Map(counts);
  for (const [time, count] of counts) {
    if (time < 2 * mean) continue;
    for (let less = time - mean; less > mean; less -= mean) all.set(less, (all.get(less) ?? 0) + count);
  }
  return [...all].sort(([a], [b]) => a - b);
}

const answers = fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 60 });

it('takes back what wrk adds to the times that it has measured', () => {
  fc.assert(
    fc.property(answers, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 50_000 }), (pairs, connections, duration) => {
      const measured = [...new Map(pairs)].sort(([a], [b]) => a - b);
      const requests = measured.reduce((sum, [, count]) => sum + count, 0);
      const each = Math.floor(requests / connections);
      const counts = each === 0 ? measured : corrected(measured, Math.max(1, Math.floor(duration / each)));
      const whole = Math.max(duration, each);

      expect(measuredTimes({ requests, duration: whole, counts }, connections)).toEqual(measured);
    }),
  );
});

const report = (requests: number, timeout = 0): string =>
  JSON.stringify({ requests, duration: 1_000_000, errors: { connect: 0, read: 0, write: 0, status: 0, timeout }, counts: [[10, 50], [20, 50]] });

it('finds the line of the script among what wrk prints itself', () => {
  const read = readReport(`Running 1s test @ http://x\n  1 threads\n${report(100)}\n`, 4);

  expect(read).toMatchObject({ requests: 100, counts: [[10, 50], [20, 50]] });
});

it('counts as well who took too long to be timed', () => {
  expect(readReport(report(103, 3), 4)).toMatchObject({ requests: 103, errors: { timeout: 3 } });
});

it('does not believe a wrk whose times are not as many as its answers', () => {
  expect(() => readReport(report(200), 4)).toThrow(/200 answers but times of 100/);
});

it('says what wrk printed when the script told nothing', () => {
  expect(() => readReport('Running 1s test\n', 4)).toThrow('wrk does not tell what it measured: Running 1s test');
  expect(() => readReport('', 4)).toThrow(/it printed nothing/);
});
