import { resetConfiguration, setConfiguration } from '@deptracker/application';
import { CONFIGURATION_KEYS, type ConfigurationKey } from '@deptracker/domain';
import { type StoredConfiguration, findConfiguration, readConfigurations } from '@deptracker/store';
import { requestIdOf } from '../../http/arrival.js';
import { sendTagged } from '../../http/send-tagged.js';
import type { Call } from '../operation.js';
import type { RouteOptions } from '../route-options.js';
import { presentConfiguration } from './present.js';
import type { ConfigurationBody } from './schema.js';

interface Named {
  readonly params: { readonly key: ConfigurationKey };
}

interface Change extends Named {
  readonly headers: { readonly actor: string | null; readonly expectedRevision: number | null };
}

/** GET /configurations */
export async function list({ database, settings }: RouteOptions, { response }: Call): Promise<void> {
  const stored = new Map((await readConfigurations(database)).map((one) => [one.key, one]));
  const data = CONFIGURATION_KEYS.map((key) => presentConfiguration(key, stored.get(key) ?? null, settings.defaults));
  response.json({ data, nextCursor: null });
}

function send({ settings }: RouteOptions, { params: { key }, request, response }: Call<Named>, stored: StoredConfiguration | null): void {
  sendTagged(request, response, presentConfiguration(key, stored, settings.defaults));
}

/** GET /configurations/:key */
export async function get(options: RouteOptions, call: Call<Named>): Promise<void> {
  send(options, call, await findConfiguration(options.database, call.params.key));
}

const byWhom = ({ headers, response }: Call<Change>) => ({ ...headers, requestId: requestIdOf(response) });

/** PUT /configurations/:key */
export async function set(options: RouteOptions, call: Call<Change & { readonly body: ConfigurationBody }>): Promise<void> {
  const stored = await setConfiguration(options.database, call.params.key, call.body.value, byWhom(call));
  options.settings.configurations.forget();
  send(options, call, stored);
}

/** DELETE /configurations/:key */
export async function reset(options: RouteOptions, call: Call<Change>): Promise<void> {
  const { key } = call.params;
  const stored = await resetConfiguration(options.database, key, { ...byWhom(call), default: options.settings.defaults[key] });
  options.settings.configurations.forget();
  send(options, call, stored);
}
