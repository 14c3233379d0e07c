import type { Deployment } from '@deptracker/domain';
import type { TicketLink } from './approval-message.js';
import { type Block, SLACK_LIMITS, mrkdwn } from './block.js';
import { deploymentLine } from './deployment-line.js';
import { joinWithin, line, person, time } from './mrkdwn.js';

/** An answer to a slash command that only the person who gave it sees. */
export interface CommandAnswer {
  readonly response_type: 'ephemeral';
  /** Without blocks it is what is shown. */
  readonly text: string;
  readonly blocks?: readonly Block[];
}

/** Projects that one answer has room for. */
export const RUNNING_SIZE = 50;

const section = (text: string): Block => ({ type: 'section', text: mrkdwn(text) });

function answer(text: string, blocks: readonly Block[] = []): CommandAnswer {
  return { response_type: 'ephemeral', text, ...(blocks.length === 0 ? {} : { blocks }) };
}

/** Lines gathered into as few sections as hold them. */
function sections(lines: readonly string[]): Block[] {
  const texts: string[] = [];
  for (const text of lines) {
    const together = `${texts.at(-1) ?? ''}\n${text}`;
    if (texts.length > 0 && together.length <= SLACK_LIMITS.section) texts[texts.length - 1] = together;
    else texts.push(text);
  }
  return texts.map(section);
}

/** Which deployments a list is of, in words of the person who asked. */
export interface Wanted {
  readonly project: string | null;
  readonly environment: string | null;
}

function wantedWords({ project, environment }: Wanted): string {
  const of = project === null ? '' : ` of ${line(project, 200)}`;
  return `${of}${environment === null ? '' : ` to ${line(environment, 200)}`}`;
}

/** The latest deployments, newest first; none is said so with what else can be asked. */
export function listAnswer(
  wanted: Wanted,
  shown: readonly { readonly deployment: Deployment; readonly ticket: TicketLink | null }[],
  command: string,
): CommandAnswer {
  if (shown.length === 0) {
    return answer(`There are no deployments${wantedWords(wanted)}. Names must be written as the pipeline writes them. \`${line(command, 100)} help\` tells what can be asked.`);
  }
  const title = `Latest deployments${wantedWords(wanted)}`;
  return answer(title, [section(`*${title}*`), ...shown.map(({ deployment, ticket }) => section(deploymentLine(deployment, ticket)))]);
}

/** One project's version that runs. */
export interface RunningVersion {
  readonly project: string;
  readonly version: string;
  readonly requestedBy: string | null;
  readonly finishedAt: Date;
}

/** What runs in an environment, by project; of `total` projects those that there is room for. */
export function runningAnswer(environment: string, running: readonly RunningVersion[], total: number): CommandAnswer {
  const name = line(environment, 200);
  if (running.length === 0) return answer(`Nothing is known to run in ${name}: no deployment to it has succeeded.`);
  const title = `What runs in ${name}`;
  const lines = running.slice(0, RUNNING_SIZE).map(({ project, version, requestedBy, finishedAt }) => {
    const who = requestedBy === null ? '' : ` · ${person(requestedBy, 40)}`;
    return `*${line(project, 50)}* ${line(version, 40)} · since ${time(finishedAt)}${who}`;
  });
  const rest = total - lines.length;
  const more = rest > 0 ? [`… and ${String(rest)} more.`] : [];
  return answer(title, [section(`*${title}*`), ...sections([...lines, ...more])]);
}

/** What can be asked; `mistake` says what was not understood, where something was not. Escaped here. */
export function helpAnswer(command: string, mistake: string | null): CommandAnswer {
  const name = line(command, 100);
  const rows = [
    [`${name}`, 'the latest deployments'],
    [`${name} user-service`, 'of one project'],
    [`${name} user-service production`, 'of one project to one environment'],
    [`${name} what production`, 'which version of what runs there'],
    [`${name} help`, 'this'],
  ].map(([what, why]) => `\`${what ?? ''}\` ${why ?? ''}`);
  const last = 'A name with blanks, or one that is also a word of this command, goes in quotes: `"my service"`.';
  return answer(joinWithin([...(mistake === null ? [] : [line(mistake, 500)]), ...rows, last], '\n', SLACK_LIMITS.section));
}
