import { breakerConfig, databaseConfig, leaseConfig, loadConfig, processConfig, queueConfig, redisConfig, runProcess, slackConfig, slackWorkerConfig } from '@deptracker/runtime';
import { startSlackWorker } from './compose.js';

await runProcess({
  service: 'slack-worker',
  start: (context) =>
    startSlackWorker(
      loadConfig(process.env, [
        processConfig(8082),
        databaseConfig,
        redisConfig,
        queueConfig,
        leaseConfig,
        breakerConfig,
        slackConfig,
        slackWorkerConfig,
      ]),
      context,
    ),
});
