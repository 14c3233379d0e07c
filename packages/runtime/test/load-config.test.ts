import fc from 'fast-check';
import {
  ConfigError,
  type Environment,
  type Fragment,
  apiConfig,
  databaseConfig,
  formatDuration,
  integer,
  jiraConfig,
  jiraWorkerConfig,
  leaseConfig,
  loadConfig,
  metricsConfig,
  parseDuration,
  processConfig,
  queueConfig,
  redisConfig,
  slackConfig,
  slackInConfig,
  slackWorkerConfig,
} from '@deptracker/runtime';
import { describe, expect, expectTypeOf, test } from 'vitest';

const JIRA = {
  JIRA_BASE_URL: 'https://example.atlassian.net/',
  JIRA_EMAIL: 'bot@example.com',
  JIRA_API_TOKEN: 'very-hidden',
  JIRA_PROJECT_KEY: 'OPS',
};

function mistakes(env: Environment, fragments: readonly Fragment[]): readonly string[] {
  try {
    loadConfig(env, fragments);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  test('gives typed values under the names, with defaults for what is not set', () => {
    const config = loadConfig({ DATABASE_URL: ' postgres://u:p@h/d\n', DB_MAX_IDLE_CONNS: '', LOG_LEVEL: 'debug' }, [
      processConfig(8081),
      databaseConfig,
    ]);
    expectTypeOf(config.PORT).toEqualTypeOf<number>();
    expectTypeOf(config.LOG_LEVEL).toEqualTypeOf<'error' | 'warn' | 'info' | 'debug'>();
    expect(config).toMatchObject({
      PORT: 8081,
      LOG_LEVEL: 'debug',
      SHUTDOWN_TIMEOUT: 25_000,
      INSTANCE_ID: expect.stringMatching(new RegExp(`-${process.pid}$`)) as string,
      DATABASE_URL: 'postgres://u:p@h/d',
      DB_MAX_IDLE_CONNS: 2,
      DB_CONN_MAX_LIFETIME: 1_800_000,
    });
  });

  test('leaves an optional variable undefined', () => {
    const config = loadConfig({ SLACK_BOT_TOKEN: 'xoxb-1' }, [slackConfig, metricsConfig]);
    expectTypeOf(config.SLACK_TEAM_ID).toEqualTypeOf<string | undefined>();
    expect([config.SLACK_TEAM_ID, config.DEPLOYMENT_RETENTION]).toEqual([undefined, undefined]);
  });

  test('reads lists, schedules of looks, JSON, sizes and addresses', () => {
    const config = loadConfig(
      {
        ...JIRA,
        JIRA_EXTRA_FIELDS: '{"customfield_1":{"value":"x"}}',
        JIRA_COMMENT_ON: 'deployment.failed, deployment.rejected,',
        JIRA_LOOKUP_DELAYS_S: '1, 2,3',
        SLACK_BOT_TOKEN: 'xoxb-1',
        SLACK_API_URL: 'http://127.0.0.1:8090/slack/api',
        BODY_LIMIT: '1MB',
      },
      [jiraConfig, jiraWorkerConfig, slackConfig, apiConfig],
    );
    expect(config.JIRA_BASE_URL).toBe('https://example.atlassian.net');
    expect(config.JIRA_EXTRA_FIELDS).toEqual({ customfield_1: { value: 'x' } });
    expect(config.JIRA_COMMENT_ON).toEqual(['deployment.failed', 'deployment.rejected']);
    expect(config.JIRA_LOOKUP_DELAYS_S).toEqual([1, 2, 3]);
    expect(config.JIRA_RECHECK_DELAYS_S).toEqual([900, 86_400]);
    expect(config.SLACK_API_URL).toBe('http://127.0.0.1:8090/slack/api/');
    expect(config.BODY_LIMIT).toBe(1_048_576);
  });

  test('reports every mistake at once, one per line, with the name and what to do', () => {
    const found = mistakes({ ...JIRA, JIRA_PROJECT_KEY: 'ops', JIRA_WORKERS: 'abc', JIRA_EMAIL: undefined }, [
      jiraConfig,
      jiraWorkerConfig,
      redisConfig,
    ]);
    expect(found).toEqual([
      'JIRA_EMAIL is not set; set it to an e-mail address, such as deptracker@example.com. ' +
        'The account that owns the token.',
      'JIRA_PROJECT_KEY must be a project key in capitals, such as OPS; it is "ops".',
      'JIRA_WORKERS must be a whole number from 1 to 100, such as 5; it is "abc".',
      'REDIS_URL is not set; set it to an address that starts with redis:// or rediss://, such as ' +
        'redis://:password@127.0.0.1:6379. ' +
        'The Redis that runs the jobs and counts rate limits; losing its data loses nothing.',
    ]);
  });

  test.each([
    ['PORT', '80.5'],
    ['PORT', '1e3'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['SHUTDOWN_TIMEOUT', '25 parsecs'],
    ['SHUTDOWN_TIMEOUT', '0'],
    ['LOG_LEVEL', 'verbose'],
    ['JIRA_BASE_URL', 'example.atlassian.net'],
    ['JIRA_BASE_URL', 'ftp://example.atlassian.net'],
    ['JIRA_EXTRA_FIELDS', '[]'],
    ['JIRA_EXTRA_FIELDS', '{"open'],
    ['JIRA_LOOKUP_DELAYS_S', '5,2'],
    ['JIRA_LOOKUP_DELAYS_S', ','],
    ['JIRA_LOOKUP_DELAYS_S', '2,x'],
    ['METRICS_SCHEDULE', 'every five minutes please now'],
    ['METRICS_SCHEDULE', '* * * *'],
    ['METRICS_SCHEDULE', '* * * * $(reboot)'],
    ['SLACK_CHANNEL_ID', '#deployments'],
    ['BODY_LIMIT', '0kb'],
    ['AUTH_MODE', 'basic'],
    ['QUEUE_PREFIX', 'a b'],
  ])('refuses %s=%s and shows the value', (name, value) => {
    const all = [
      processConfig(8080),
      jiraConfig,
      jiraWorkerConfig,
      metricsConfig,
      apiConfig,
      slackInConfig,
      queueConfig,
    ];
    expect(mistakes({ ...JIRA, SLACK_SIGNING_SECRET: 's', SLACK_CHANNEL_ID: 'C1', [name]: value }, all)).toEqual([
      expect.stringMatching(new RegExp(`^${name} must be .*; it is "`)) as string,
    ]);
  });

  test.each([
    ['DATABASE_URL', 'mysql://root:very-hidden@h/d', databaseConfig],
    ['DATABASE_URL', 'very-hidden', databaseConfig],
    ['REDIS_URL', 'http://:very-hidden@h', redisConfig],
    ['JIRA_API_TOKEN', 'very-hidden with a space', jiraConfig],
  ])('does not show the value of %s when it is wrong', (name, value, fragment) => {
    const [line, ...others] = mistakes({ ...JIRA, [name]: value }, [fragment]);
    expect(others).toEqual([]);
    expect(line).toMatch(new RegExp(`^${name} must be .*not shown, because it is secret\\.$`));
    expect(line).not.toContain('very-hidden');
  });

  test('masks a password in an address that should hold none, and cuts what is long', () => {
    const [address] = mistakes({ ...JIRA, JIRA_BASE_URL: 'https://bot:hunter2@jira' }, [jiraConfig]);
    expect(address).not.toContain('hunter2');
    const [long] = mistakes({ PORT: '9'.repeat(500) }, [processConfig(8080)]);
    expect(long?.length).toBeLessThan(200);
  });

  test('refuses more idle than open connections', () => {
    const env = { DATABASE_URL: 'postgresql://h/d', DB_MAX_OPEN_CONNS: '3', DB_MAX_IDLE_CONNS: '4' };
    expect(mistakes(env, [databaseConfig])).toEqual([
      'DB_MAX_IDLE_CONNS (4) must not exceed DB_MAX_OPEN_CONNS (3): lower the one or raise the other.',
    ]);
    expect(mistakes({ ...env, DB_MAX_IDLE_CONNS: '3' }, [databaseConfig])).toEqual([]);
  });

  test('refuses a lease that a vendor call can outlast, where the process reads both', () => {
    const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_TIMEOUT: '5s' };
    expect(mistakes({ ...slack, LEASE_MS: '14999' }, [slackConfig, slackWorkerConfig, leaseConfig])).toEqual([
      expect.stringContaining('LEASE_MS (14999 ms) must be three times SLACK_TIMEOUT (5s)') as string,
    ]);
    expect(mistakes({ ...slack, LEASE_MS: '15000' }, [slackConfig, slackWorkerConfig, leaseConfig])).toEqual([]);
    expect(mistakes({ LEASE_MS: '500' }, [leaseConfig])).toEqual([]);
  });

  test.each(['REDIS_POOL_SIZE', 'REDIS_MIN_IDLE_CONNS'])('refuses %s, which has no counterpart', (name) => {
    expect(mistakes({ [name]: '5' }, [leaseConfig])).toEqual([
      `${name} is not supported, because ioredis sends all commands over one connection; remove it.`,
    ]);
    expect(mistakes({ [name]: '' }, [leaseConfig])).toEqual([]);
  });

  test('takes fragments that somebody else defines', () => {
    const own = { SANDBOX_LAG: integer({ description: 'Lag of search in ms.', default: '0', max: 10 }) };
    expect(loadConfig({ SANDBOX_LAG: '7', OTHER: 'left alone' }, [own])).toEqual({ SANDBOX_LAG: 7 });
  });
});

describe('lengths of time', () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

  test('are a whole number with a unit, in milliseconds', () => {
    const unit = fc.constantFrom(...Object.entries(units));
    fc.assert(
      fc.property(fc.nat(3650), unit, (count, [name, ms]) => {
        expect(parseDuration(`${count}${name}`)).toBe(count * ms);
        expect(parseDuration(String(count))).toBe(count);
      }),
    );
  });

  test('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3650 * units.d }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test('are nothing else, and never more than ten years', () => {
    const written = /^\d+(ms|s|m|h|d)?$/;
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseDuration(text);
        expect(ms === null || (written.test(text) && Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
    );
    expect(['', '1.5h', '-1s', '5 s', '1h30m', '3651d', '9'.repeat(40)].map(parseDuration)).toEqual(
      Array.from({ length: 7 }, () => null),
    );
  });
});
