import { join } from 'node:path';
import { StartupError } from '@deptracker/runtime';
import { migrateUp } from '@deptracker/store';
import { ServerStartError } from '@deptracker/testkit';
import { ROOT, type Variables } from '../local/environment.js';
import { leftovers, ProcessNotes, stopLeftovers } from '../local/leftovers.js';
import { acquireLock } from '../local/lock.js';
import { appEnv } from './app-env.js';
import { appService } from './app-service.js';
import { choosePort, embeddedDatabaseUrl, postgresService, redisService } from './embedded.js';
import { guardService } from './guard-service.js';
import { preflight, requirePostgres } from './preflight.js';
import { type Screen, welcome } from './screen.js';
import { type AppName, reachableHost, type Settings } from './settings.js';
import { type Service, Supervisor } from './supervisor.js';

// What starts together, and is stopped together, in the opposite order.
const GROUPS: readonly (readonly AppName[])[] = [['sandbox'], ['api'], ['jira-worker', 'slack-worker', 'metrics-cron']];

const PORT_TRIES = 3;

/** Starts Dep Tracker with all that it needs, and stops it again. */
export class Launcher {
  private readonly groups: Supervisor[][] = [];
  private readonly notes: ProcessNotes;
  private release: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly settings: Settings,
    private readonly env: Variables,
    private readonly screen: Screen,
  ) {
    this.notes = new ProcessNotes(settings.dir);
  }

  /** Resolves when every process is ready; rejects when one is not, and leaves it to the caller to `stop()`. */
  async start(): Promise<void> {
    const begin = performance.now();
    const { settings, screen } = this;
    this.release = acquireLock(settings.dir);
    if (leftovers(settings.dir).length > 0) {
      await screen.step('Stopping what an earlier run left behind', () => stopLeftovers(settings.dir));
    } else {
      await stopLeftovers(settings.dir);
    }
    await preflight(settings);
    await this.begin([guardService(this.env, this.notes)]);
    const databaseUrl = await this.postgres();
    const redisUrl = await this.redis();
    await this.migrate(databaseUrl);
    for (const group of GROUPS) {
      const apps = group.filter((name) => settings.apps.includes(name));
      if (apps.length === 0) continue;
      await screen.step(`Starting ${apps.join(', ')}`, () =>
        this.begin(apps.map((name) => this.app(name, databaseUrl, redisUrl))),
      );
    }
    this.refuseWhenStopped();
    screen.line(welcome(settings, (performance.now() - begin) / 1000));
  }

  /** Stops what was started, last first; at once when `hurry` is or becomes aborted. */
  async stop(hurry: AbortSignal): Promise<void> {
    this.stopped = true;
    for (let group = this.groups.pop(); group; group = this.groups.pop()) {
      await Promise.all(group.map((supervisor) => supervisor.stop(hurry)));
    }
    this.release?.();
  }

  private async begin(services: readonly Service[]): Promise<void> {
    this.refuseWhenStopped();
    const notice = (message: string): void => {
      this.screen.say(message);
    };
    const group = services.map((service) => new Supervisor(service, notice));
    this.groups.push(group);
    // All settle before a failure counts, so that none is in the middle of its start when everything is stopped.
    const results = await Promise.allSettled(group.map((supervisor) => supervisor.start()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private refuseWhenStopped(): void {
    if (this.stopped) throw new Error('stopped while starting');
  }

  private async postgres(): Promise<string> {
    const { dir, databaseUrl, postgresPort } = this.settings;
    if (databaseUrl !== undefined) return databaseUrl;
    const format = this.screen.format('postgres');
    const onLog = (line: string): void => {
      if (/\b(FATAL|PANIC|WARNING):/.test(line)) this.screen.line(format(line));
    };
    const port = await this.embedded('postgres', postgresPort, (port) => postgresService(dir, port, onLog));
    return embeddedDatabaseUrl(dir, port);
  }

  private async redis(): Promise<string> {
    const { dir, redisUrl, redisPort } = this.settings;
    if (redisUrl !== undefined) return redisUrl;
    const onProgress = (message: string): void => {
      this.screen.say(message);
    };
    const port = await this.embedded('redis', redisPort, (port) => redisService(dir, port, onProgress));
    return `redis://127.0.0.1:${port}`;
  }

  /** Starts an embedded server and returns its port; where none is set, another one if somebody took it meanwhile. */
  private async embedded(
    server: 'postgres' | 'redis',
    set: number | undefined,
    service: (port: number) => Service,
  ): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const port = await choosePort(this.settings.dir, server, set);
      try {
        await this.screen.step(`Starting ${server} on port ${port}`, () => this.begin([service(port)]));
        return port;
      } catch (error) {
        const taken = error instanceof ServerStartError && /address already in use/i.test(error.log);
        if (!taken || set !== undefined || tries === PORT_TRIES) throw error;
      }
    }
  }

  private async migrate(databaseUrl: string): Promise<void> {
    this.refuseWhenStopped();
    await requirePostgres(databaseUrl);
    const applied = await this.screen.step('Migrating the database', async () => {
      try {
        return await migrateUp(databaseUrl);
      } catch (error) {
        throw new StartupError(`The database could not be migrated: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    if (applied.length > 0) this.screen.say(`Applied ${applied.join(', ')}`);
  }

  private app(name: AppName, databaseUrl: string, redisUrl: string): Service {
    const { settings, screen, notes } = this;
    const format = screen.format(name);
    const port = settings.ports[name];
    return appService(
      {
        name,
        script: join(ROOT, 'apps', name, 'dist', 'main.js'),
        url: `http://${reachableHost(settings.host)}:${port}`,
        env: appEnv(settings, name, { databaseUrl, redisUrl }),
      },
      {
        onLine: (line) => {
          screen.line(format(line));
        },
        onSpawn: (pid) => {
          notes.add(name, pid);
        },
        onExit: () => {
          notes.remove(name);
        },
      },
    );
  }
}
