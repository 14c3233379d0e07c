import { ConfigError } from '@deptracker/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadMetricsCronConfig } from '../dist/config.js';
import { nextRun, scheduleMistake } from '../dist/schedule.js';

const SECRETS = { DATABASE_URL: 'postgres://a:b@127.0.0.1/x', REDIS_URL: 'redis://127.0.0.1' };

describe('a schedule', () => {
  it('names times in UTC, from the time that it is asked for', () => {
    expect(nextRun('*/5 * * * *', new Date('2026-03-29T00:57:03.5Z'))).toEqual(new Date('2026-03-29T01:00:00Z'));
    expect(nextRun('*/5 * * * * *', new Date('2026-03-29T00:57:05Z'))).toEqual(new Date('2026-03-29T00:57:10Z'));
    expect(nextRun('30 2 * * *', new Date('2026-03-29T02:30:00Z'))).toEqual(new Date('2026-03-30T02:30:00Z'));
  });

  it('always names a time that is later', () => {
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.constantFrom('*/5 * * * *', '*/5 * * * * *', '0 9 * * MON-FRI', '0 0 29 2 *'), (after, schedule) => {
        expect(nextRun(schedule, after).getTime()).toBeGreaterThan(after.getTime());
      }),
    );
  });

  it('is refused with its name where it means nothing, never comes or asks the clock of the process', () => {
    expect(scheduleMistake('METRICS_SCHEDULE', '*/5 * * * *')).toBeNull();
    expect(scheduleMistake('METRICS_SCHEDULE', '61 * * * *')).toMatch(/^METRICS_SCHEDULE must be a cron text.*61/);
    expect(scheduleMistake('METRICS_SCHEDULE', '0 0 30 2 *')).toContain('names no time that ever comes');
    expect(scheduleMistake('METRICS_SCHEDULE', '? * * * *')).toContain('must not contain "?"');
  });

  it('is checked with the others before anything starts', () => {
    const load = () => loadMetricsCronConfig({ ...SECRETS, METRICS_SCHEDULE: '61 * * * *', CLEANUP_SCHEDULE: '0 25 * * *' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/METRICS_SCHEDULE[^\n]*\nCLEANUP_SCHEDULE/);
    expect(loadMetricsCronConfig(SECRETS)).toMatchObject({ PORT: 8083, LIMITS_SCHEDULE: '*/5 * * * * *', DEPLOYMENT_RETENTION: undefined });
  });
});
