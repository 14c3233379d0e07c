import { latencies, record, summary } from '../load/latencies.js';
import { spawnNode } from '../processes.js';
import type { Scenario } from './scenario.js';

const SCRIPTS = { product: 'apps/api/dist/main.js', baseline: 'bench/dist/baseline/main.js' } as const;

export const START: readonly Scenario[] = [
  {
    name: 'start',
    title: 'API process, from its start to ready',
    quick: true,
    rounds: 1,
    warmSeconds: 0,
    count: 7,
    prepare: async ({ contender: { name, env, nodeArgs }, count }) => async () => {
      const times = latencies();
      let waited = 0;
      for (let turn = 0; turn < count; turn += 1) {
        const started = await spawnNode('another', SCRIPTS[name], { env, nodeArgs });
        record(times, started.readyMs);
        waited += started.readyMs;
        await started.stop();
      }
      return summary(times, 0, waited / 1_000);
    },
  },
];
