import { describe, expect, it } from 'vitest';
import { prettyLog } from '../dist/launch/pretty-log.js';

const format = prettyLog('api', 5, 0, false);

function line(fields: Record<string, unknown>): string {
  return format(JSON.stringify({ timestamp: '2026-11-20T10:11:12.345Z', service: 'api', instance: 'x', ...fields }));
}

describe('prettyLog', () => {
  it('shows time, level, message and the fields of a JSON log line', () => {
    expect(line({ level: 'info', message: 'request', status: 201, path: '/api', who: 'two words' })).toBe(
      'api   │ 10:11:12.345 info  request status=201 path=/api who="two words"',
    );
  });

  it('shows an error with the first lines of its stack', () => {
    const error = { message: 'no', stack: 'Error: no\n    at a (a.ts:1)\n    at b (b.ts:2)' };
    expect(line({ level: 'error', message: 'failed', error }).split('\n')).toEqual([
      'api   │ 10:11:12.345 error failed error=no',
      'api   │   at a (a.ts:1)',
      'api   │   at b (b.ts:2)',
    ]);
  });

  it('leaves anything else as it came', () => {
    expect(format('plain text')).toBe('api   │ plain text');
    expect(format('{"broken')).toBe('api   │ {"broken');
    expect(format('{"no":"text"}')).toBe('api   │ {"no":"text"}');
  });

  it('cuts what is too long to read', () => {
    expect(line({ level: 'info', message: 'm', long: 'x'.repeat(500) }).length).toBeLessThan(260);
  });
});
