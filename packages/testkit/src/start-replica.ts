import { cpSync, readdirSync, rmSync, writeFileSync, appendFileSync, chmodSync, chownSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresAccount } from './postgres-account.js';
import { removePostgresData } from './postgres-data.js';
import { type PostgresServer, startPostgres } from './start-postgres.js';

/** A Postgres and a streaming replica of it. */
export interface ReplicatedPostgres {
  readonly primary: PostgresServer;
  readonly replica: PostgresServer;
  /** Stops both and removes their data. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres of its own with a hot standby beside it. The standby's data are a copy of the primary's, made while
 * it was stopped: the embedded binaries have no pg_basebackup.
 */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-replicated-'));
  // The postgres user passes through.
  chmodSync(folder, 0o711);
  const [primaryDir, replicaDir] = [join(folder, 'primary'), join(folder, 'replica')];
  await (await startPostgres({ dataDir: primaryDir, persistent: true })).stop();
  cpSync(primaryDir, replicaDir, { recursive: true });
  const account = postgresAccount();
  const primary = await startPostgres({ dataDir: primaryDir, persistent: true });
  appendFileSync(
    join(replicaDir, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres password=postgres'\nwal_retrieve_retry_interval = 200\n`,
  );
  writeFileSync(join(replicaDir, 'standby.signal'), '');
  chmodSync(replicaDir, 0o700);
  if (account !== undefined) own(replicaDir, account.uid, account.gid);
  const replica = await startPostgres({ dataDir: replicaDir, persistent: true });
  return {
    primary,
    replica,
    stop: async () => {
      await replica.stop();
      await primary.stop();
      removePostgresData(replicaDir);
      removePostgresData(primaryDir);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function own(path: string, uid: number, gid: number): void {
  chownSync(path, uid, gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) own(join(path, entry.name), uid, gid);
    else chownSync(join(path, entry.name), uid, gid);
  }
}
