import { breakerConfig, databaseConfig, jiraConfig, jiraSiteConfig, jiraWorkerConfig, leaseConfig, loadConfig, processConfig, queueConfig, redisConfig, runProcess } from '@deptracker/runtime';
import { startJiraWorker } from './compose.js';

await runProcess({
  service: 'jira-worker',
  start: (context) =>
    startJiraWorker(
      loadConfig(process.env, [
        processConfig(8081),
        databaseConfig,
        redisConfig,
        queueConfig,
        leaseConfig,
        breakerConfig,
        jiraConfig,
        jiraSiteConfig,
        jiraWorkerConfig,
      ]),
      context,
    ),
});
