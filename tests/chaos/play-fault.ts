import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosFleet } from './fleet/chaos-fleet.js';
import type { PlannedFault } from './schedule.js';

/** The vendor's rules are one list: what several faults ask for at a time holds together. */
const vendorRules = new WeakMap<ChaosFleet, Set<readonly object[]>>();

/** From now on, until the fleet is healed, the vendors take so long for everything. */
export async function setWeather(fleet: ChaosFleet, latencyMs: number): Promise<void> {
  const rules = latencyMs === 0 ? [] : [{ method: '*', latencyMs }];
  vendorRules.set(fleet, new Set([rules]));
  await fleet.faults(rules);
}

async function spoilVendor(fleet: ChaosFleet, rules: readonly object[], ms: number): Promise<void> {
  const active = vendorRules.get(fleet) ?? new Set();
  active.add(rules);
  await fleet.faults([...active].flat());
  await delay(ms);
  active.delete(rules);
  await fleet.faults([...active].flat());
}

/** Lets one fault happen at its time; resolves when it is over. */
export async function play(fleet: ChaosFleet, fault: PlannedFault): Promise<void> {
  await delay(fault.at);
  switch (fault.kind) {
    case 'kill':
      fleet.process(fault.slot).signal('SIGKILL');
      return;
    case 'stop':
      fleet.process(fault.slot).signal('SIGSTOP');
      await delay(fault.ms);
      fleet.process(fault.slot).signal('SIGCONT');
      return;
    case 'failpoint':
      fleet.process(fault.slot).arm(fault.rule);
      await delay(fault.ms);
      // What stopped there goes on; what was not hit stays armed until all is healed.
      fleet.process(fault.slot).signal('SIGCONT');
      return;
    case 'link':
      fleet.link(fault.link).set(fault.mode);
      await delay(fault.ms);
      fleet.link(fault.link).pass();
      return;
    case 'vendor':
      return spoilVendor(fleet, fault.rules, fault.ms);
    case 'clock':
      fleet.process(fault.slot).shiftClock(fault.offsetMs);
      return;
    case 'flush':
      return fleet.flushRedis();
    case 'restart_postgres':
      return fleet.restartPostgres();
    case 'pause_redis':
      await fleet.redis.pause();
      await delay(fault.ms);
      await fleet.redis.resume();
  }
}
