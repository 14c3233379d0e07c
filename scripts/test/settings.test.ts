import { createServer } from 'node:http';
import { freePort } from '@deptracker/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appEnv } from '../dist/launch/app-env.js';
import { preflight } from '../dist/launch/preflight.js';
import { welcome } from '../dist/launch/screen.js';
import { readSettings, type Settings } from '../dist/launch/settings.js';

const VENDORS = {
  JIRA_BASE_URL: 'https://example.atlassian.net',
  JIRA_EMAIL: 'a@example.com',
  JIRA_API_TOKEN: 'token',
  JIRA_PROJECT_KEY: 'OPS',
  SLACK_API_URL: 'https://slack.test/api/',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_SIGNING_SECRET: 'secret',
  SLACK_CHANNEL_ID: 'C1',
};

function mistakes(env: Record<string, string>): string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : [];
  }
}

describe('readSettings', () => {
  it('runs everything against the sandbox on this machine when nothing is set', () => {
    const { host, ports, apps, appEnv, databaseUrl, redisUrl } = readSettings({});
    expect({ host, ports, databaseUrl, redisUrl }).toEqual({
      host: '127.0.0.1',
      ports: { api: 8080, 'jira-worker': 8081, 'slack-worker': 8082, 'metrics-cron': 8083, sandbox: 8090 },
      databaseUrl: undefined,
      redisUrl: undefined,
    });
    expect(apps).toContain('sandbox');
    expect(appEnv).toMatchObject({
      JIRA_BASE_URL: 'http://127.0.0.1:8090/jira',
      SLACK_API_URL: 'http://127.0.0.1:8090/slack/api/',
      SLACK_WEBHOOK_URL: 'http://127.0.0.1:8080/api/slack/webhook',
      SLACK_CHANNEL_ID: 'C0DEPLOYS',
    });
  });

  it('leaves the sandbox out when both vendors are set', () => {
    const { apps, appEnv } = readSettings(VENDORS);
    expect(apps).not.toContain('sandbox');
    expect(appEnv).toMatchObject(VENDORS);
  });

  it('reports every mistake at once, those of the apps included', () => {
    expect(mistakes({ PORT: 'eighty', LOG_LEVEL: 'loud', JIRA_WORKERS: '0' })).toEqual([
      expect.stringMatching(/^PORT must be/),
      expect.stringMatching(/^LOG_LEVEL must be/),
      expect.stringMatching(/^JIRA_WORKERS must be/),
    ]);
  });

  it('names what a vendor that is set still lacks', () => {
    expect(mistakes({ JIRA_BASE_URL: 'https://example.atlassian.net' })).toEqual([
      expect.stringMatching(/^JIRA_EMAIL is not set/),
      expect.stringMatching(/^JIRA_API_TOKEN is not set/),
      expect.stringMatching(/^JIRA_PROJECT_KEY is not set/),
    ]);
  });

  it('refuses to send a real token to the sandbox, in a sentence that says what to do', () => {
    expect(mistakes({ SLACK_BOT_TOKEN: 'xoxb-real' })).toEqual([
      'SLACK_BOT_TOKEN is set but SLACK_API_URL is not, so the token would go to the sandbox; ' +
        'set SLACK_API_URL to https://slack.com/api/ for the real Slack, or unset SLACK_BOT_TOKEN to use the sandbox.',
    ]);
    expect(mistakes({ JIRA_API_TOKEN: 'real', SLACK_BOT_TOKEN: 'xoxb-real', PORT: 'eighty' })).toEqual([
      expect.stringMatching(/^PORT must be/),
      expect.stringMatching(/^JIRA_API_TOKEN is set but JIRA_BASE_URL is not, .*the real Jira, or unset JIRA_API_TOKEN/),
      expect.stringMatching(/^SLACK_BOT_TOKEN is set but SLACK_API_URL is not/),
    ]);
  });

  it('says of each vendor whether it is the sandbox or which address', () => {
    const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_CHANNEL_ID } = VENDORS;
    const slack = { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_CHANNEL_ID };
    const text = welcome(readSettings({ ...slack, SANDBOX_PORT: '9090' }), 1);
    expect(text).toMatch(/^ {2}Jira +the sandbox, http:\/\/127\.0\.0\.1:9090\/$/m);
    expect(text).toMatch(/^ {2}Slack +https:\/\/slack\.test\/api\/$/m);
    expect(welcome(readSettings(VENDORS), 1)).not.toContain('sandbox');
  });

  it('gives each app an INSTANCE_ID of its own where one is set', () => {
    const urls = { databaseUrl: 'postgres://127.0.0.1/x', redisUrl: 'redis://127.0.0.1' };
    expect(appEnv(readSettings({ INSTANCE_ID: 'laptop' }), 'jira-worker', urls)).toMatchObject({
      INSTANCE_ID: 'laptop-jira-worker',
      PORT: '8081',
    });
    expect(appEnv(readSettings({}), 'api', urls)).not.toHaveProperty('INSTANCE_ID');
  });

  it('refuses one port for two processes', () => {
    expect(mistakes({ PORT: '8081' })).toEqual(['PORT and JIRA_WORKER_PORT are both 8081; give each process a port of its own.']);
  });
});

describe('preflight', () => {
  async function settingsWith(extra: Partial<Settings>): Promise<Settings> {
    const settings = readSettings({});
    const ports = { ...settings.ports, api: await freePort() };
    return { ...settings, ports, apps: ['api'], ...extra };
  }

  it('names a taken port and the variable to change', async () => {
    const server = createServer();
    onTestFinished(() => {
      server.close();
    });
    const settings = await settingsWith({});
    await new Promise<void>((resolve) => server.listen(settings.ports.api, '127.0.0.1', resolve));
    await expect(preflight(settings)).rejects.toThrow(
      `Port ${settings.ports.api}, which api needs, is taken; stop what uses it, or set PORT to a free one.`,
    );
  });

  it('says which database does not answer, and not with which password', async () => {
    const port = await freePort();
    const settings = await settingsWith({ databaseUrl: `postgres://user:hunter2@127.0.0.1:${port}/tracker` });
    const failure: unknown = await preflight(settings).catch((error: unknown) => error);
    expect(String(failure)).toContain(`No Postgres answers at 127.0.0.1:${port}/tracker (connect ECONNREFUSED`);
    expect(String(failure)).not.toContain('hunter2');
  });

  it('says which Redis does not answer', async () => {
    const port = await freePort();
    const settings = await settingsWith({ redisUrl: `redis://:hunter2@127.0.0.1:${port}` });
    const failure: unknown = await preflight(settings).catch((error: unknown) => error);
    expect(String(failure)).toContain(`No Redis answers at 127.0.0.1:${port} (connect ECONNREFUSED`);
    expect(String(failure)).not.toContain('hunter2');
  });
});
