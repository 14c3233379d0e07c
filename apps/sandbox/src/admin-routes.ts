import { Router, json } from 'express';
import type { Request } from 'express';
import type { Desk } from './calls.js';
import { parseFaults } from './fault-rule.js';
import { METHOD_PATTERNS } from './methods.js';
import type { Entry } from './store.js';

function faultsOf({ faults }: Desk): object {
  const rules = faults.rules.map(({ rule, matched, fired }) => ({ ...rule, matched, fired }));
  return { rules, searchLagMs: faults.searchLagMs };
}

const LEDGER_FILTERS = ['system', 'method', 'type'] as const;

/** The entries that a query asks for. A method may be given with its system or without. */
function entriesOf(entries: readonly Entry[], query: Request['query']): Entry[] {
  return entries.filter((entry) =>
    LEDGER_FILTERS.every((name) => {
      const wanted = query[name];
      const full = name === 'method' && wanted === `${entry.system}.${entry.method}`;
      return wanted === undefined || full || entry[name] === wanted;
    }),
  );
}

/** What tests and curious people use: faults, limits, the ledger and the counters. */
export function adminRoutes(desk: Desk): Router {
  const { faults, limits, log, store } = desk;
  const router = Router();
  router.use(json({ limit: '1mb' }));
  router.get('/_faults', (_req, res) => {
    res.json({ ...faultsOf(desk), methods: METHOD_PATTERNS });
  });
  router.put('/_faults', (req, res) => {
    const settings = parseFaults(req.body);
    if ('errors' in settings) {
      res.status(400).json(settings);
      return;
    }
    faults.set(settings);
    res.json(faultsOf(desk));
  });
  router.delete('/_faults', (_req, res) => {
    faults.set({ rules: [], searchLagMs: 0 });
    res.status(204).end();
  });
  router.get('/_limits', (_req, res) => {
    res.json(limits.list());
  });
  router.put('/_limits', (req, res) => {
    const errors = limits.set(req.body);
    if (errors.length > 0) res.status(400).json({ errors });
    else res.json(limits.list());
  });
  router.delete('/_limits', (_req, res) => {
    limits.set({});
    res.status(204).end();
  });
  router.get('/_ledger', (req, res) => {
    const stranger = Object.keys(req.query).find((name) => !LEDGER_FILTERS.some((known) => known === name));
    if (stranger === undefined) res.json({ entries: entriesOf(store.entries, req.query) });
    else res.status(400).json({ errors: [`"${stranger}" is no filter; there are ${LEDGER_FILTERS.join(', ')}`] });
  });
  router.delete('/_ledger', (_req, res) => {
    store.reset();
    log.clear();
    res.status(204).end();
  });
  router.get('/_calls', (_req, res) => {
    res.json(Object.fromEntries(log.counts));
  });
  router.get('/_calls/recent', (_req, res) => {
    res.json({ calls: log.recent });
  });
  return router;
}
