import { runProcess } from '@deptracker/runtime';
import { startMetricsCron } from './compose.js';
import { loadMetricsCronConfig } from './config.js';

await runProcess({
  service: 'metrics-cron',
  start: (context) => startMetricsCron(loadMetricsCronConfig(process.env), context),
});
