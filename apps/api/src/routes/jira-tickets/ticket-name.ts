import Joi from 'joi';
import { HttpRefusal } from '../../http/http-refusal.js';
import { asUuid } from '../fields.js';
import type { PathParameter } from '../operation.js';

/** What a ticket is asked for by. */
export type TicketName = { readonly id: string } | { readonly key: string };

/** There is no ticket of this key or id. */
export function noTicket(name: string): HttpRefusal {
  return new HttpRefusal('ticket-not-found', `There is no ticket ${name}.`);
}

const KEY = /^[A-Z][A-Z0-9_]{0,50}-\d{1,12}$/;

function asName(text: string, helpers: Joi.CustomHelpers): TicketName | Joi.ErrorReport {
  const id = asUuid(text);
  if (id !== null) return { id };
  const key = text.toUpperCase();
  return KEY.test(key) ? { key } : helpers.error('any.invalid');
}

/** A key such as OPS-12, or the id that creating it answered with, which it has before it has a key. */
export const ticketName: PathParameter<TicketName> = {
  schema: (Joi.string() as Joi.Schema).custom(asName).meta({ openapi: { type: 'string', minLength: 1, maxLength: 64 } }),
  description: 'Its key in Jira, such as OPS-12, or its id, which it has before it has a key.',
  problem: 'ticket-not-found',
  missing: noTicket,
};
