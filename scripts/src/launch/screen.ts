import { reachableHost, type Settings } from './settings.js';
import { type LineFormat, prettyLog } from './pretty-log.js';

/** What the person at the terminal sees. */
export interface Screen {
  /** A line of the launcher itself. */
  say(message: string): void;
  /** Runs something and tells how long it took. */
  step<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** A format for the lines of one process, each with a colour of its own. */
  format(name: string): LineFormat;
  line(text: string): void;
}

const WIDTH = 'slack-worker'.length;

/** Writes to stdout; in colour on a terminal unless NO_COLOR is set. */
export function createScreen(): Screen {
  const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
  let formats = 0;
  // The reader of a pipe may go (head, a closed terminal): that is no reason to stop in disorder.
  process.stdout.on('error', () => undefined);
  const line = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const format = (name: string): LineFormat => prettyLog(name, WIDTH, formats++, colour);
  const own = format('make run');
  const say = (message: string): void => {
    line(own(message));
  };
  return {
    say,
    line,
    format,
    step: async (what, work) => {
      const start = performance.now();
      say(`${what} …`);
      const result = await work();
      say(`${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`);
      return result;
    },
  };
}

/** The addresses, and a request to copy. */
export function welcome(settings: Settings, seconds: number): string {
  const at = (app: keyof Settings['ports'], path = ''): string =>
    `http://${reachableHost(settings.host)}:${settings.ports[app]}${path}`;
  const rows = [
    ['API', at('api', '/api/deployments')],
    ['Docs', at('api', '/docs')],
    ['Health', at('api', '/health/detailed')],
    ...settings.vendors,
    ['jira-worker', at('jira-worker', '/health/detailed')],
    ['slack-worker', at('slack-worker', '/health/detailed')],
    ['metrics-cron', at('metrics-cron', '/metrics')],
    ['Data', settings.dir.path],
  ];
  const body = '{"project":"user-service","environment":"production","version":"1.4.0","requestedBy":"you@example.com"}';
  return [
    '',
    `Dep Tracker is ready after ${seconds.toFixed(1)} s. Ctrl-C stops it.`,
    '',
    ...rows.map(([name = '', address = '']) => `  ${name.padEnd(15)} ${address}`),
    '',
    'Post a deployment:',
    '',
    `  curl -sS ${at('api', '/api/deployments')} -H 'Content-Type: application/json' \\`,
    `    -d '${body}'`,
    '',
  ].join('\n');
}
