export { guardServer } from './guard.js';
export { freePort, isPortFree } from './free-port.js';
export { lastingPort } from './lasting-port.js';
export { commandLine, isSameProcess, processIdentity } from './process-identity.js';
export { removePostgresData, stopLeftoverPostgres } from './postgres-data.js';
export { pingPostgres, pingRedis } from './ping.js';
export { nginxBinary } from './nginx-binary.js';
export { type Program, type Progress } from './program.js';
export { redisBinary } from './redis-binary.js';
export { eachLine, type ExitInfo, exitOf, ServerStartError, stopForeignProcess } from './server-process.js';
export { type AppProcess, type SpawnOptions, spawnProcess } from './spawn-app.js';
export { type NginxServer, startNginx } from './start-nginx.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './start-postgres.js';
export { rawClient, type RawClient } from './raw-client.js';
export { type ReplicatedPostgres, startReplicatedPostgres } from './start-replica.js';
export { type RedisOptions, type RedisServer, startRedis, stopLeftoverRedis } from './start-redis.js';
export { type Direction, type ProxyMode } from './proxy-mode.js';
export { type ProxyOptions, startTcpProxy, type TcpProxy } from './tcp-proxy.js';
export {
  asAdmin,
  createDatabase,
  emptyTestDatabase,
  TEST_POSTGRES_TEMPLATE,
  TEST_POSTGRES_URL,
  type TestDatabase,
  testDatabase,
} from './test-database.js';
export { waitFor, type WaitOptions } from './wait-for.js';
export { wrkBinary } from './wrk-binary.js';
