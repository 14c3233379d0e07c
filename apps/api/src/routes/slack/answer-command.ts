import { type Database, findOutside, findRunning, listDeployments } from '@deptracker/store';
import { type CommandAnswer, RUNNING_SIZE, helpAnswer, listAnswer, runningAnswer } from '@deptracker/views';
import { type Question, parseCommand } from './command.js';

const LATEST = 10;

type Latest = Extract<Question, { readonly ask: 'latest' }>;

async function latest(database: Database, { project, environment }: Omit<Latest, 'ask'>) {
  const filter = { ...(project === null ? {} : { project }), ...(environment === null ? {} : { environment }) };
  return (await listDeployments(database, filter, { after: null, limit: LATEST })).deployments;
}

async function listed(database: Database, { project, environment }: Latest, command: string): Promise<CommandAnswer> {
  let wanted = { project, environment };
  let deployments = await latest(database, wanted);
  // One name alone may as well be an environment.
  if (deployments.length === 0 && project !== null && environment === null) {
    const elsewhere = { project: null, environment: project };
    const found = await latest(database, elsewhere);
    if (found.length > 0) [wanted, deployments] = [elsewhere, found];
  }
  const outside = await findOutside(database, deployments.map(({ id }) => id));
  const shown = deployments.map((deployment) => ({ deployment, ticket: outside.get(deployment.id)?.ticket ?? null }));
  return listAnswer(wanted, shown, command);
}

/** Answers a slash command; `command` is what it is called in this workspace. It reads only. */
export async function answerCommand(database: Database, command: string, text: string): Promise<CommandAnswer> {
  const question = parseCommand(text);
  if (question.ask === 'help') return helpAnswer(command, question.mistake);
  if (question.ask === 'latest') return listed(database, question, command);
  const { running, total } = await findRunning(database, question.environment, RUNNING_SIZE);
  return runningAnswer(question.environment, running, total);
}
