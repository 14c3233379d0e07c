import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

// Waits for the end of its stdin, which comes when the process that holds the other end is gone, however it went.
const SCRIPT = `while read -r line; do :; done
kill -s CONT "$1" 2>/dev/null && kill -s "$2" "$1" 2>/dev/null
[ -z "$3" ] && exit 0
n=0; while kill -0 "$1" 2>/dev/null && [ $n -lt 50 ]; do n=$((n+1)); sleep 0.1; done
rm -rf -- "$3"`;

/**
 * Starts a tiny shell that ends the server `pid` with `signal` (and removes `throwAwayDir`) as soon as this process is
 * gone, even by SIGKILL. Returns a function that calls the guard off; call it when the server was stopped.
 */
export function guardServer(pid: number, signal: 'INT' | 'TERM' | 'QUIT' | 'KILL', throwAwayDir = ''): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(pid), signal, throwAwayDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  // A pipe is a socket in Node, which the type does not say; it must not keep this process alive.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return () => {
    guard.kill('SIGKILL');
  };
}
