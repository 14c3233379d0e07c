import { ConfigError, apiConfig, loadConfig } from '@deptracker/runtime';
import { describe, expect, test } from 'vitest';

const load = (env: Record<string, string>) => loadConfig(env, [apiConfig]);

function mistake(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('limits of routes', () => {
  test('are read from rules between commas, with the version of the address left out', () => {
    const rules = ' POST /api/deployments=600, GET  /api/v1/deployments/:id = 3000 ,PUT /api/deployments/:id/approval/=1';
    expect(load({ RATE_LIMIT_ROUTES: rules }).RATE_LIMIT_ROUTES).toEqual([
      { method: 'POST', path: '/api/deployments', perMinute: 600 },
      { method: 'GET', path: '/api/deployments/:id', perMinute: 3000 },
      { method: 'PUT', path: '/api/deployments/:id/approval', perMinute: 1 },
    ]);
    expect(load({ RATE_LIMIT_ROUTES: '' }).RATE_LIMIT_ROUTES).toEqual([]);
  });

  test.each([
    'post /api/deployments=600',
    'POST /deployments=600',
    'POST /api/deployments',
    'POST /api/deployments=0',
    'POST /api/deployments=1000001',
    'POST /api/deployments=6e2',
    'POST /api/deploy ments=5',
    'POST /api/*=5',
    'POST /api/deployments?a=5',
    'GET /health=5',
  ])('are refused with the rule that is wrong: %s', (rule) => {
    const found = mistake({ RATE_LIMIT_ROUTES: `GET /api/deployments=5,${rule}` });
    expect(found).toContain('RATE_LIMIT_ROUTES must be rules METHOD /api/path=number between commas');
    expect(found).toContain(`${JSON.stringify(rule)} in it is wrong.`);
  });

  test('name a route once', () => {
    const found = mistake({ RATE_LIMIT_ROUTES: 'GET /api/deployments/:id=5,GET /api/v1/deployments/:other=6' });
    expect(found).toContain('"GET /api/v1/deployments/:other=6" in it is wrong');
  });
});

describe('origins', () => {
  test('are a list of what browsers send', () => {
    const list = 'https://Dash.example.com, http://127.0.0.1:3000,';
    expect(load({ CORS_ORIGINS: list }).CORS_ORIGINS).toEqual(['https://dash.example.com', 'http://127.0.0.1:3000']);
    expect(load({}).CORS_ORIGINS).toEqual([]);
  });

  test.each(['*', 'null', 'example.com', 'https://example.com/', 'https://example.com/app', 'https://example.com:443', 'https://*.example.com/', 'ftp://example.com', 'https://u:p@example.com'])(
    'are nothing else: %s',
    (origin) => {
      expect(mistake({ CORS_ORIGINS: `https://ok.example.com,${origin}` })).toMatch(/^CORS_ORIGINS must be .* in it is wrong\.$/);
    },
  );
});

test('hops and the limit per address are whole numbers within bounds', () => {
  expect(load({})).toMatchObject({ TRUST_PROXY_HOPS: 0, RATE_LIMIT_PER_IP: 1000 });
  for (const hops of ['-1', '11', 'true', '10.0.0.0/8']) expect(mistake({ TRUST_PROXY_HOPS: hops })).toContain('from 0 to 10');
  expect(load({ RATE_LIMIT_PER_IP: '0' }).RATE_LIMIT_PER_IP).toBe(0);
});
