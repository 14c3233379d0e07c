import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { guardServer } from './guard.js';
import { nginxBinary } from './nginx-binary.js';
import { startServerProcess } from './server-process.js';

/** A running nginx that spreads requests over some ports of this machine. */
export interface NginxServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

/**
 * What a careful operator writes: kept connections, another backend where one refuses or dies, an end to every wait. A
 * backend that refused is asked again next time: with two of them, staying away from one that is back fails requests.
 */
function configuration(folder: string, port: number, backends: readonly number[]): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path "${join(folder, name)}";`);
  const servers = backends.map((backend) => `server 127.0.0.1:${backend} max_fails=0;`);
  return `
daemon off;
master_process off;
worker_processes 1;
pid "${join(folder, 'nginx.pid')}";
error_log stderr notice;
events { worker_connections 4096; }
http {
  ${paths.join('\n  ')}
  access_log off;
  upstream api {
    ${servers.join('\n    ')}
    keepalive 64;
    keepalive_timeout 60s;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    client_max_body_size 8m;
    location / {
      proxy_pass http://api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_connect_timeout 1s;
      proxy_read_timeout 75s;
      proxy_next_upstream error timeout;
      proxy_next_upstream_tries 2;
    }
  }
}
`;
}

/** Starts an nginx in front of `backends`, ports on 127.0.0.1. */
export async function startNginx(backends: readonly number[]): Promise<NginxServer> {
  const { command, env } = nginxBinary();
  const folder = mkdtempSync(join(tmpdir(), 'deptracker-nginx-'));
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, backends));
  const server = await startServerProcess({
    name: `nginx on port ${port}`,
    command,
    args: ['-p', folder, '-e', 'stderr', '-c', file],
    spawnOptions: { env },
    readyText: 'getrlimit(RLIMIT_NOFILE)',
    readyTimeoutMs: START_TIMEOUT_MS,
  });
  const callOff = guardServer(server.pid, 'KILL', folder);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: server.pid,
    stop: async () => {
      await server.stop([['SIGTERM', 2_000]]);
      callOff();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
