// Node's own server with nothing in it: what a connection costs whoever serves it.
import { createServer } from 'node:http';

const { PORT: port = '0' } = process.env;
createServer({ keepAliveTimeout: 65_000 }, (_request, response) => response.end('{}')).listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
