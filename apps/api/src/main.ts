import { runProcess } from '@deptracker/runtime';
import { loadApiConfig } from './api-config.js';
import { startApi } from './compose.js';

await runProcess({ service: 'api', start: () => startApi(loadApiConfig(process.env)) });
