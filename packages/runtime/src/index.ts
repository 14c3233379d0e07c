export { byteSize, delays, duration, integer } from './config/number-variables.js';
export { cron, jsonObject, list, oneOf, secret, secretUrl, text, url } from './config/text-variables.js';
export { type RouteLimit } from './config/web-variables.js';
export { type Fragment, type ValueOf, type Variable, type VariableOptions } from './config/variable.js';
export { ConfigError } from './config/config-error.js';
export {
  CONFIG_SECTIONS,
  describeConfig,
  renderEnvExample,
  type VariableDescription,
} from './config/describe-config.js';
export { formatDuration, parseDuration } from './config/duration.js';
export { apiConfig } from './config/api-config.js';
export { commentConfig, jiraConfig, jiraInConfig, jiraOptionalBaseConfig, jiraSiteConfig, jiraWorkerConfig } from './config/jira-config.js';
export { localConfig } from './config/local-config.js';
export { metricsConfig } from './config/metrics-config.js';
export { processConfig } from './config/process-config.js';
export { noticeConfig, slackConfig, slackInConfig, slackWorkerConfig } from './config/slack-config.js';
export { databaseConfig, readConfig, redisConfig, queueConfig } from './config/store-config.js';
export { breakerConfig, leaseConfig } from './config/vendor-config.js';
export { loadConfig, type Config, type Environment } from './config/load-config.js';
export {
  createLogger,
  type LogFields,
  type LogLevel,
  type Logger,
  type LoggerOptions,
  type RootLogger,
} from './log/logger.js';
export { redactText } from './log/redact.js';
export { CLIENT_CLOSED, httpMetrics, requestMeter, routeOf } from './metrics/http-metrics.js';
export { createMetrics, type Counter, type Gauge, type Histogram, type Metrics } from './metrics/metrics.js';
export {
  createHealth,
  type Component,
  type ComponentReport,
  type ComponentResult,
  type ComponentStatus,
  type Health,
  type HealthOptions,
  type HealthReport,
} from './ops/health.js';
export { opsRouter, type OpsOptions } from './ops/ops-router.js';
export { startOpsServer, type OpsServer, type OpsServerOptions } from './ops/ops-server.js';
export { armFailpoints, failpoint, type FailpointSetting } from './process/failpoints.js';
export { FAILPOINTS, FailpointMistake, type FailpointName, parseFailpoints } from './process/parse-failpoints.js';
export { connectionLimits, type ConnectionLimits, type ConnectionVariables } from './process/connection-limits.js';
export { closeServer, listen, type ListenOptions } from './process/listen.js';
export {
  runProcess,
  type ProcessContext,
  type ProcessOptions,
  type ShutdownStep,
  type Started,
} from './process/run-process.js';
export { StartupError } from './process/startup-error.js';
export { TimeoutError, withTimeout } from './process/with-timeout.js';
export { VERSION } from './process/version.js';
