import { type ChannelMapping, fits, whyLater } from './channel-mapping.js';

/** Where a channel can come from, the first that there is counts. */
export type ChannelRule = 'mapping' | 'project' | 'configuration';

export interface ChannelScene {
  readonly project: string;
  readonly environment: string;
  /** Sorted by `bySpecificity`. */
  readonly mappings: readonly ChannelMapping[];
  /** The channel of the project itself, where it has one. */
  readonly projectDefault: string | null;
  /** The configured channel, which there always is. */
  readonly fallback: string;
}

export interface ChannelCandidate {
  readonly rule: ChannelRule;
  readonly mapping: ChannelMapping | null;
  readonly channelId: string;
  /** Why it was chosen, or why not. */
  readonly reason: string;
}

/** The channel of the most specific mapping that fits; null where none does. `mappings` are sorted by `bySpecificity`. */
export function mappedChannel(mappings: readonly ChannelMapping[], pair: Pick<ChannelScene, 'project' | 'environment'>): string | null {
  return mappings.find((mapping) => fits(mapping, pair))?.channelId ?? null;
}

function mappingReason(chosen: ChannelMapping, mapping: ChannelMapping, count: number): string {
  if (mapping !== chosen) return whyLater(chosen, mapping);
  return count === 1 ? 'the only mapping that fits' : `the most specific of ${count} mappings that fit`;
}

/**
 * Everything there is to choose from for a new deployment, the chosen one first, each with the reason: the channel of the
 * most specific mapping, else of the project, else the configured one.
 */
export function explainChannel(scene: ChannelScene): readonly [ChannelCandidate, ...ChannelCandidate[]] {
  const { projectDefault, fallback } = scene;
  const fitting = scene.mappings.filter((mapping) => fits(mapping, scene));
  const [chosen] = fitting;
  const byMapping = 'a mapping fits, and mappings come first';
  const mapped = fitting.map((mapping): ChannelCandidate => ({
    rule: 'mapping',
    mapping,
    channelId: mapping.channelId,
    reason: mappingReason(chosen ?? mapping, mapping, fitting.length),
  }));
  const ofProject: ChannelCandidate[] =
    projectDefault === null
      ? []
      : [{ rule: 'project', mapping: null, channelId: projectDefault, reason: chosen === undefined ? "no mapping fits, and this is the project's default channel" : byMapping }];
  const nothing = projectDefault === null ? 'no mapping fits and the project has no default channel' : 'the project has a default channel';
  const configured: ChannelCandidate = { rule: 'configuration', mapping: null, channelId: fallback, reason: chosen === undefined ? nothing : byMapping };
  const [first = configured, ...others] = [...mapped, ...ofProject, configured];
  return [first, ...others];
}
