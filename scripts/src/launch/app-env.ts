import type { Variables } from '../local/environment.js';
import type { AppName, Settings } from './settings.js';

/** The environment of one app. */
export function appEnv(
  settings: Pick<Settings, 'appEnv' | 'ports'>,
  name: AppName,
  { databaseUrl, redisUrl }: { readonly databaseUrl: string; readonly redisUrl: string },
): Variables {
  const instance = settings.appEnv['INSTANCE_ID'];
  return {
    ...settings.appEnv,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    PORT: String(settings.ports[name]),
    // What is set names this machine's copy; each process needs a name of its own.
    ...(instance && { INSTANCE_ID: `${instance}-${name}` }),
  };
}
