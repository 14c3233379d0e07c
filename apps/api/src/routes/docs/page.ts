import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RequestHandler, Router } from 'express';
import { HttpRefusal } from '../../http/http-refusal.js';
import { methodNotAllowed } from '../../http/method-not-allowed.js';

const SWAGGER_UI = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
const FILES: readonly string[] = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** Everything comes from here, and nothing inline runs. Swagger UI has its icons as data. */
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join('; ');

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dep Tracker API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

const file: RequestHandler = (request, response, next) => {
  const name = String(request.params['file']);
  if (!FILES.includes(name)) throw new HttpRefusal('not-found', `There is nothing at ${request.path}.`);
  response.sendFile(name, { root: SWAGGER_UI, maxAge: '1h' }, (error?: Error) => {
    if (error !== undefined && !response.headersSent) next(error);
  });
};

/** `/docs`: a page on which every operation can be read and tried. Its parts come from this process, never from elsewhere. */
export function docsPage(): Router {
  const router = Router();
  router
    .route('/docs')
    .get((_request, response) => {
      response.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' }).type('html').send(HTML);
    })
    .all(methodNotAllowed('GET'));
  router
    .route('/docs/start.js')
    .get((_request, response) => {
      response.set('Cache-Control', 'no-cache').type('js').send(START);
    })
    .all(methodNotAllowed('GET'));
  router.route('/docs/:file').get(file).all(methodNotAllowed('GET'));
  return router;
}
