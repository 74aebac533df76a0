// Does what the plan says, one executor a command; the only writer of status columns.
import { InvalidInput } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { uuidv7 } from '../../shared/uuid.ts';
import type { Command } from '../core/plan.ts';
import type { SealBox } from '../security/seal.ts';
import { askForAgent, endBootstraps } from '../store/bootstraps.ts';
import type { Executor } from '../store/database.ts';
import { insertEvents, lockCounters, type NewEvent, ownEvent } from '../store/events.ts';
import { answerStop, askForViews, forgetViews } from '../store/gate.ts';
import {
  adoptJob,
  forgetSecrets,
  moveStatus,
  type StatusMove,
  setCanaryClock,
  setWaitingFor,
} from '../store/jobs.ts';
import { keepInstalled, keepNodeOutcomes } from '../store/outcomes.ts';
import { forgetQuestions } from '../store/peers.ts';
import { sealSecrets, secretsPlace } from '../store/profile-secrets.ts';
import { keepSharing } from '../store/ring-sharing.ts';
import { readRunInput } from '../store/run-input.ts';
import { fenceRun, insertRun, refuseRun, requestStop } from '../store/runs.ts';
import { noteWindowsIgnored } from '../store/windows.ts';

/** Somebody else moved it first: roll back, read again, decide again. */
export class MovedMeanwhile extends Error {}

/** What happened, for after the commit: whom to wake. */
export interface Performed {
  nodesToWake: string[];
  /** job nodes that an agent is to be brought to, or is not any more */
  bootstrapsToWake: string[];
  jobEnded: boolean;
}

/** Of commands that write events, or runs which an agent may be writing to. */
const locksCounter = (command: Command): boolean =>
  ['record-event', 'request-stop', 'fence-run'].includes(command.do) ||
  (command.do === 'move-job' && command.over);

type Executors = {
  [K in Command['do']]: (command: Extract<Command, { do: K }>) => Promise<void>;
};

/** Performs the commands in their order inside the pass's transaction. @throws MovedMeanwhile */
export async function perform(
  trx: Executor,
  jobId: string,
  commands: readonly Command[],
  box: SealBox,
  log: Logger,
): Promise<Performed> {
  const performed: Performed = { nodesToWake: [], bootstrapsToWake: [], jobEnded: false };
  const events: NewEvent[] = [];
  /** Nodes by the move that they share, since a job may have thousands; none moves twice in one pass. */
  const moves = new Map<string, { move: StatusMove; jobNodeIds: string[] }>();

  const executors: Executors = {
    'move-node': async ({ jobNodeId, from, to, signal, over }) => {
      const started = from === 'PENDING' && !over;
      const key = JSON.stringify([from, to, started, over]);
      const alike = moves.get(key) ?? { move: { from, to, started, over }, jobNodeIds: [] };
      moves.set(key, alike);
      alike.jobNodeIds.push(jobNodeId);
      log.info('node moved', { jobNodeId, from, to, signal });
    },
    'move-job': async ({ from, to, signal, over }) => {
      const started = signal === 'started';
      if (!(await moveStatus(trx, 'job', [jobId], { from, to, started, over }))) throw new MovedMeanwhile();
      if (over) await forgetSecrets(trx, jobId);
      if (signal === 'succeeded') await keepInstalled(trx, jobId);
      performed.jobEnded ||= over;
      log.info('job moved', { from, to, signal });
    },
    'start-run': async ({ jobNodeId, nodeId, hadAgentBrought }) => {
      const id = uuidv7();
      if (hadAgentBrought)
        performed.bootstrapsToWake.push(...(await endBootstraps(trx, [jobNodeId], 'succeeded')));
      try {
        const { input, secrets } = await readRunInput(trx, jobNodeId, box);
        const sealedSecrets = sealSecrets(box, secrets, secretsPlace('run', id));
        await insertRun(trx, { id, jobId, jobNodeId, nodeId, input, sealedSecrets });
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        // The model cannot be carried out: the run ends before it was given to anybody, and says why.
        await refuseRun(trx, { id, jobId, jobNodeId, nodeId }, error.message);
      }
      performed.nodesToWake.push(nodeId);
    },
    'bring-agent': async ({ jobNodeId, nodeId }) => {
      await askForAgent(trx, { jobId, jobNodeId, nodeId });
      performed.bootstrapsToWake.push(jobNodeId);
    },
    'request-stop': async ({ runId, nodeId }) => {
      await requestStop(trx, runId);
      performed.nodesToWake.push(nodeId);
    },
    'fence-run': async ({ runId, nodeId }) => {
      await fenceRun(trx, runId);
      performed.nodesToWake.push(nodeId);
    },
    'adopt-job': async () => {
      await adoptJob(trx, jobId);
      log.info('job adopted');
    },
    'ignore-windows': async () => {
      await noteWindowsIgnored(trx, jobId);
      log.warn('windows ignored');
    },
    'record-event': async ({ jobNodeId, nodeId, type, subtype, message }) => {
      events.push(ownEvent({ jobId, jobNodeId, nodeId }, { type, subtype, message }));
    },
    'set-waiting-for': async ({ waitingFor }) => {
      await setWaitingFor(trx, jobId, waitingFor);
    },
    'set-canary-clock': async ({ waitedMs, sinceMs }) => {
      await setCanaryClock(trx, jobId, waitedMs, sinceMs);
    },
    'answer-stop': async ({ questionId, nodeId, answer, sharing }) => {
      await answerStop(trx, questionId, answer);
      if (sharing !== null) await keepSharing(trx, nodeId, sharing);
      performed.nodesToWake.push(nodeId);
      log.info('stop answered', { nodeId, to: answer.verdict, reason: answer.message });
    },
    'ask-views': async ({ questionId }) => {
      performed.nodesToWake.push(...(await askForViews(trx, questionId)));
    },
    'report-bug': async ({ what }) => {
      log.error('a signal met a cell that cannot be', { reason: what });
    },
  };
  // Ingest locks counters, then runs: taken the other way round the two would wait for each other.
  const counts = commands.some(locksCounter) ? await lockCounters(trx, [jobId]) : new Map<string, number>();
  for (const command of commands) {
    await (executors[command.do] as (command: Command) => Promise<void>)(command);
  }
  for (const { move, jobNodeIds } of moves.values())
    if (!(await moveStatus(trx, 'job_node', jobNodeIds, move))) throw new MovedMeanwhile();
  const ended = [...moves.values()].flatMap(({ move, jobNodeIds }) => (move.over ? jobNodeIds : []));
  if (ended.length > 0) {
    await keepNodeOutcomes(trx, ended);
    await forgetQuestions(trx, ended);
    await forgetViews(trx, ended);
    performed.bootstrapsToWake.push(...(await endBootstraps(trx, ended, 'dropped')));
  }
  await insertEvents(trx, events, { counts, suspects: [] }); // their ids are new
  return performed;
}
