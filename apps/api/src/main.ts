import { runProcess } from '@deptracker/runtime';
import { loadApiConfig } from './api-config.js';
import { startApi } from './compose.js';

const BEAT_MS = 1_000;

await runProcess({
  service: 'api',
  start: async ({ watch }) => {
    const config = loadApiConfig(process.env);
    setInterval(watch(config.WATCHDOG_TIMEOUT), BEAT_MS).unref();
    return startApi(config);
  },
});
