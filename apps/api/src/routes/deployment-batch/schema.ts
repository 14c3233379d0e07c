import Joi from 'joi';
import { CREATION, type CreateBody, deployment } from '../deployments/schema.js';
import { named, shown, text } from '../shown.js';

const MOST_ITEMS = 500;

export interface BatchItem extends CreateBody {
  readonly idempotencyKey: string | null;
}

/** One item: what a single create takes, with its key beside it. */
export const batchItem: Joi.ObjectSchema<BatchItem> = Joi.object<BatchItem>({
  ...CREATION,
  idempotencyKey: Joi.string()
    .pattern(/^[\x20-\x7e]{1,200}$/)
    .allow(null)
    .default(null)
    .messages({ 'string.pattern.base': '{#label} must have 1 to 200 printable ASCII characters' })
    .description('As the `Idempotency-Key` of a single create; without it that of the batch counts, for this place in it.'),
})
  .label('the item')
  .meta({ component: 'BatchItem' });

export interface BatchBody {
  readonly deployments: readonly unknown[];
}

const batch = (items: Joi.ArraySchema): Joi.ObjectSchema<BatchBody> =>
  Joi.object<BatchBody>({ deployments: items.min(1).max(MOST_ITEMS).required() })
    .required()
    .label('the body')
    .meta({ component: 'NewDeployments' });

/** The body of POST /deployments/batch, as it ought to be. */
export const batchBody: Joi.ObjectSchema<BatchBody> = batch(Joi.array().items(batchItem));

/** The same with anything as an item: each is judged on its own. */
export const anyBatch: Joi.ObjectSchema<BatchBody> = batch(Joi.array().items(Joi.any()));

const PROBLEM = Joi.object({
  type: text.required().example('/problems/invalid-request'),
  title: text.required(),
  status: Joi.number().integer().required(),
  detail: text.required(),
}).unknown(true);

const ITEM = shown({
  index: Joi.number().integer().min(0).description('Of the item in `deployments`.'),
  status: Joi.number()
    .integer()
    .description('201: created; 200: created before with the same key, the first answer again; else the status of the problem.'),
  deployment: deployment.optional(),
  problem: PROBLEM.optional().description('Instead of the deployment; `errors[].pointer` leads into the whole body.'),
});

/** The answer of POST /deployments/batch. */
export const batchAnswer: Joi.ObjectSchema = named('BatchResult', shown({
  created: Joi.number().integer().min(0),
  replayed: Joi.number().integer().min(0),
  refused: Joi.number().integer().min(0),
  results: Joi.array().items(ITEM).description('One per item, in their order.'),
}));
