import { Writable } from 'node:stream';
import { type LogLevel, type Logger, createLogger, redactText } from '@deptracker/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

interface Logged {
  readonly raw: string;
  readonly fields: Record<string, unknown>;
}

async function log(write: (logger: Logger) => void, level: LogLevel = 'info'): Promise<Logged[]> {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const logger = createLogger({ level, service: 'api', instance: 'api-1', stream });
  write(logger);
  await logger.flush();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((raw) => ({ raw, fields: JSON.parse(raw) as Record<string, unknown> }));
}

async function fieldsOf(fields: Record<string, unknown>): Promise<Record<string, unknown>> {
  const [line] = await log((logger) => logger.info('x', fields));
  return line?.fields ?? {};
}

describe('a log line', () => {
  test('is JSON with timestamp, level and message first, then the process and the fields', async () => {
    const [line] = await log((logger) => logger.child({ deployment_id: 'd-1' }).warn('late', { project: 'shop' }));
    expect(Object.keys(line?.fields ?? {})).toEqual([
      'timestamp',
      'level',
      'message',
      'service',
      'instance',
      'deployment_id',
      'project',
    ]);
    expect(line?.fields).toMatchObject({ level: 'warn', message: 'late', service: 'api', project: 'shop' });
    expect(String(line?.fields['timestamp'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('is left out below the level', async () => {
    const lines = await log((logger) => {
      logger.debug('no');
      logger.info('no');
      logger.warn('yes');
      logger.error('yes');
    }, 'warn');
    expect(lines.map(({ fields }) => fields['message'])).toEqual(['yes', 'yes']);
  });

  test('keeps its message where a field has the same name', async () => {
    expect(await fieldsOf({ message: 'other', level: 9 })).toMatchObject({
      message: 'x',
      level: 'info',
      message_: 'other',
      level_: 9,
    });
  });

  test('stays one line and readable whatever the fields are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.anything()), async (fields) => {
        expect(await log((logger) => logger.info('x', fields))).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });

  test('shows errors with name, message, code, cause and stack', async () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const { error } = await fieldsOf({ error: new TypeError('no', { cause }) });
    expect(error).toMatchObject({
      name: 'TypeError',
      message: 'no',
      cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
      stack: expect.stringContaining('logger.test.ts') as string,
    });
    const { none } = await fieldsOf({ none: new AggregateError([cause]) });
    expect(none).toMatchObject({ name: 'AggregateError', message: 'refused' });
  });

  test('shows values that JSON has no words for', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const fields = {
      circular,
      big: 10n,
      at: new Date(0),
      never: new Date(Number.NaN),
      map: new Map([['a', 1]]),
      set: new Set([1]),
      bytes: Buffer.from('abc'),
    };
    expect(await fieldsOf(fields)).toMatchObject({
      circular: { self: '[circular]' },
      big: '10',
      at: '1970-01-01T00:00:00.000Z',
      never: null,
      map: { a: 1 },
      set: [1],
      bytes: '[3 bytes]',
    });
  });
});

describe('a secret in a log line', () => {
  test.each(['token', 'slackBotToken', 'SLACK_SIGNING_SECRET', 'password', 'Authorization', 'x-slack-signature'])(
    'is left out of a field called %s, at any depth',
    async (name) => {
      const [line] = await log((logger) =>
        logger.info('x', { [name]: 'hunter2', request: [{ [name]: { raw: 'hunter2' } }] }),
      );
      expect(line?.raw).not.toContain('hunter2');
      expect(line?.fields[name]).toBe('[redacted]');
    },
  );

  test('is masked in addresses, in the message, in errors and in their causes', async () => {
    const address = 'postgres://app:hunter2@db:5432/x';
    const error = new Error(`cannot reach ${address}`, { cause: new Error(address) });
    const [line] = await log((logger) => logger.child({ address }).error(`at ${address}`, { error, tried: [address] }));
    expect(line?.raw).not.toContain('hunter2');
    expect(line?.fields['message']).toBe('at postgres://app:***@db:5432/x');
  });

  test.each([
    ['postgresql://app:p@ss:w/rd@db/x', 'postgresql://app:***@db/x'],
    ['redis://:hunter2@r:6379/0 and rediss://u:h@r', 'redis://:***@r:6379/0 and rediss://u:***@r'],
    ['postgres://db/x?user=a&password=hunter2&ssl=1', 'postgres://db/x?user=a&password=***&ssl=1'],
    ['https://bot:hunter2@jira/rest', 'https://bot:***@jira/rest'],
    ['Authorization: Basic Ym90Omh1bnRlcjI=', 'Authorization: Basic [redacted]'],
    ['invalid_auth for xoxb-123-abc', 'invalid_auth for [redacted]'],
    ['http://127.0.0.1:8080/a?by=b@c', 'http://127.0.0.1:8080/a?by=b@c'],
  ])('is masked: %s', (text, masked) => {
    expect(redactText(text)).toBe(masked);
  });
});

test('a stream that breaks does not take the logger with it', async () => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('broken'), { code: 'EPIPE' }));
    },
  });
  const logger = createLogger({ level: 'info', service: 'api', instance: 'one', stream });
  logger.info('lost');
  await logger.flush();
  logger.info('lost too');
  await logger.flush();
});

describe('lines of one turn of the event loop', () => {
  function counting(): { readonly logger: ReturnType<typeof createLogger>; readonly written: string[] } {
    const written: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        if (chunk !== '') written.push(chunk);
        done();
      },
    });
    return { logger: createLogger({ level: 'info', service: 'api', instance: 'one', stream }), written };
  }

  test('are written together', async () => {
    const { logger, written } = counting();
    for (const name of ['a', 'b', 'c']) logger.info(name);
    expect(written).toEqual([]);
    await logger.flush();
    expect(written).toHaveLength(1);
    expect(written[0]?.match(/"message":"[abc]"/g)).toHaveLength(3);
  });

  test('are written at once, in their order, where one says that something is wrong', () => {
    const { logger, written } = counting();
    logger.info('a');
    logger.warn('b');
    expect(written.join('').match(/"message":"."/g)).toEqual(['"message":"a"', '"message":"b"']);
  });
});
