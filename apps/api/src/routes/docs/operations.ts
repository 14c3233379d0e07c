import Joi from 'joi';
import { type Operation, operation } from '../operation.js';
import { ifNoneMatch } from '../request-headers.js';
import { sendDocument } from './handlers.js';

/** `/openapi.json`; the page that shows it is in `docs-page.ts`. */
export const docsOperations: readonly Operation[] = [
  operation({
    method: 'get',
    path: '/openapi.json',
    operationId: 'getOpenApiDocument',
    tag: 'Operations',
    summary: 'Get this document',
    headers: { known: ifNoneMatch },
    answers: {
      200: { description: 'OpenAPI 3.1.', schema: Joi.object().unknown(true), headers: ['ETag'] },
      304: { description: 'As the caller knows it.', headers: ['ETag'] },
    },
    example: {},
    handle: sendDocument,
  }),
];
