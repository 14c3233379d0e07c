import { createServer } from 'node:http';
import { closeServer, createLogger, listen, loadConfig, runProcess } from '@deptracker/runtime';
import { createSandbox } from './app.js';
import { sandboxFragments, sandboxSettings } from './config.js';

/** Nobody's work is lost here, so calls that are held back by a fault are not waited for. */
const GRACE_MS = 300;

await runProcess({
  service: 'sandbox',
  start: async () => {
    const config = loadConfig(process.env, sandboxFragments);
    const logger = createLogger({ level: config.LOG_LEVEL, service: 'sandbox', instance: config.INSTANCE_ID });
    const sandbox = createSandbox(sandboxSettings(config));
    const server = createServer(sandbox.app);
    const { port } = await listen(server, { host: config.HOST, port: config.PORT });
    logger.info('sandbox is ready', { page: `http://${config.HOST}:${port}/`, data: config.SANDBOX_DATA ?? null });
    return {
      logger,
      shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT,
      steps: [
        { name: 'http', run: () => closeServer(server, GRACE_MS) },
        { name: 'ledger', run: async () => sandbox.close() },
      ],
    };
  },
});
