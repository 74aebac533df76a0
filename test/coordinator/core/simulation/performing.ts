// Carries out what a pass says, as the scheduler does, and holds each start and each stop to what is promised.

import type { Command } from '../../../../coordinator/core/plan.ts';
import { worstAvailability } from '../../../../coordinator/core/planning/estimate.ts';
import type { WaitingFor, WorldNode } from '../../../../coordinator/core/world.ts';
import { behindCanaries, fewestLeft, isWithin, keptBack, lostBy, lostTogether } from './promises.ts';
import { onLeave, type Run, stoppedByUs } from './runs.ts';
import type { Scene } from './scene.ts';

export interface Tally {
  passes: number;
  /** leave given, and that while another node of the job was away by it */
  stops: number;
  together: number;
  /** told to wait for nodes that are away */
  waits: number;
  /** started before their turn */
  first: number;
  /** told to wait until the ring is at rest */
  restless: number;
  refusals: number;
  /** told to try again first what had failed */
  furtherTries: number;
  ends: Record<string, number>;
}

type Executors = { [K in Command['do']]: (command: Extract<Command, { do: K }>) => void };

export class BrokenPromise extends Error {}

const broken = (what: string): never => {
  throw new BrokenPromise(what);
};

const OF_AWAY = 'Away, or not back yet';
const OF_UNREST = /^(A node is (joining|leaving|moving)|Data is streamed|The nodes disagree)/;

/** Those that are away, as far as it was our doing or could be known when this run was given leave. */
function awayBeside({ ring, hosts, agents, clock }: Scene, run: Run): Set<string> {
  const reported = new Set(
    (run.question?.views ?? []).flatMap(({ nodeId, view, down }) => [
      ...(down ? [nodeId] : []),
      ...(view?.unreachable ?? []),
    ]),
  );
  const ours = new Set(stoppedByUs(agents.runs, hosts));
  const isAway = (address: string): boolean =>
    ours.has(address) ||
    (!hosts.isUp(address) && (reported.has(address) || hosts.isKnownDown(address, clock.nowMs)));
  return new Set(
    ring.nodes.flatMap(({ address }) => (address !== run.address && isAway(address) ? [address] : [])),
  );
}

export class Performer {
  readonly #scene: Scene;
  readonly #tally: Tally;

  constructor(scene: Scene, tally: Tally) {
    this.#scene = scene;
    this.#tally = tally;
  }

  #nodeOf(jobNodeId: string): WorldNode {
    const node = this.#scene.at.nodes.find((one) => one.jobNodeId === jobNodeId);
    return node ?? broken(`no job node ${jobNodeId}`);
  }

  #runOf(id: string): Run {
    const run = [...this.#scene.runs.values()].find(({ seen }) => seen.id === id);
    return run ?? broken(`no run ${id} of this job`);
  }

  /** No start and no stop: paused, failed, frozen and so on. */
  #mayWork(what: string): void {
    const { at, clock } = this.#scene;
    const why = keptBack(at.job, at.nodes, this.#scene.isFrozen(), clock.nowMs);
    if (why !== null) broken(`${what}, though ${why}`);
  }

  #starts(jobNodeId: string): void {
    const { at, clock, ring, agents, runs } = this.#scene;
    const node = this.#nodeOf(jobNodeId);
    this.#mayWork(`${node.name} is started`);
    const early = behindCanaries(at.job, at.nodes, node, clock.nowMs);
    if (early !== null) broken(`${node.name} is started, though ${early}`);
    const underWay = at.nodes.filter((one) => runs.has(one.jobNodeId) && one.endedMs === null);
    if (underWay.some(({ batch }) => batch !== node.batch)) {
      this.#goesFirst(node, underWay);
      return;
    }
    const placeOf = (address: string) => ring.nodes.find((one) => one.address === address) ?? broken(address);
    const others = underWay.map(({ nodeId }) => placeOf(nodeId));
    if (!isWithin(at, others, placeOf(node.nodeId)))
      broken(
        `${node.name} is worked on with ${underWay.map(({ name }) => name).join(' ')}, beyond the strategy`,
      );
    runs.set(jobNodeId, agents.start(jobNodeId, node.nodeId));
  }

  /** Before its turn: it is down as far as can be seen, and all others have stopped nothing and wait for it. */
  #goesFirst(node: WorldNode, underWay: readonly WorldNode[]): void {
    const { at, runs, agents, hosts, clock } = this.#scene;
    const asked = underWay.map(({ jobNodeId }) => runs.get(jobNodeId) ?? broken(`${jobNodeId} has no run`));
    const busy = asked.find(
      ({ question, leaveMs }) => question?.answer?.verdict !== 'wait' || leaveMs !== null,
    );
    if (busy !== undefined) broken(`${node.name} goes first while ${busy.address} is at work`);
    if (at.job.canary !== null && underWay.some(({ batch }) => batch < (at.job.canary?.batches ?? 0)))
      broken(`${node.name} goes before a canary`);
    if (hosts.isUp(node.nodeId) && clock.nowMs >= hosts.noticedMs(node.nodeId) + 10_000)
      broken(`${node.name} goes first, and is known to be up`);
    this.#tally.first += 1;
    runs.set(node.jobNodeId, agents.start(node.jobNodeId, node.nodeId));
  }

  #letsStop(run: Run): void {
    const { at, ring, hosts, agents, clock, isCalm } = this.#scene;
    const { address } = run;
    this.#mayWork(`${address} may stop`);
    const batch = at.nodes.find(({ jobNodeId }) => jobNodeId === run.jobNodeId)?.batch ?? 0;
    const first = at.nodes.find((one) => one.batch > batch && one.endedMs === null && one.run !== null);
    if (first !== undefined) broken(`${address} may stop, and ${first.name} that went first is not over`);
    const isSettled = (other: string): boolean => hosts.isUp(other) && hosts.noticedMs(other) <= clock.nowMs;
    const live = ring.nodes.filter((node) => node.address !== address && isSettled(node.address));
    const heard = run.question?.views.filter(({ nodeId, view }) => nodeId !== address && view !== null) ?? [];
    if (heard.length < Math.min(2, live.length) && !at.options.force)
      broken(`${address} may stop, and only ${heard.length} others have looked at the ring`);
    const away = awayBeside(this.#scene, run);
    this.#tally.stops += 1;
    const underWay = at.nodes.filter(({ endedMs }) => endedMs === null);
    if (underWay.some(({ nodeId }) => away.has(nodeId))) this.#tally.together += 1;
    if (ring.nodes.length === 1) return; // it has nothing to keep
    if (at.options.force) {
      const leave = onLeave(agents.runs, clock.nowMs).filter((other) => other !== address);
      const [shared] = lostTogether(ring, at.options.relaxed, { address, away, leave });
      if (at.options.keepsApart && shared !== undefined)
        broken(`${shared}: ${address} may stop by force, and one of these has leave: ${leave.join(' ')}`);
      return;
    }
    for (const { nodeId, seenMs, view } of run.question?.views ?? []) {
      const unrest = view === null ? null : hosts.unrestSeenBy(nodeId, seenMs ?? 0);
      if (unrest !== null && (unrest.kind !== 'streams' || unrest.addresses.includes(address)))
        broken(`${address} may stop, though ${nodeId} saw ${unrest.kind} ${unrest.addresses.join(' ')}`);
    }
    const besides = away.size === 0 ? 'nothing else is' : `${[...away].join(' ')} are`;
    const [lost] = lostBy(ring, at.options.relaxed, away, address);
    if (lost !== undefined) broken(`${lost} loses its level: ${address} may stop, and ${besides} away`);
    const isWhole = at.nodes.length === ring.nodes.length; // where other nodes are is not known to a plan
    const said = isCalm && isWhole ? worstAvailability(at.batches, at.bounds) : null;
    const left = fewestLeft(ring, at.options.relaxed, away, address);
    if (said !== null && left !== null && left < said.live)
      broken(
        `${left} copies are left where ${said.live} of ${said.copies} were promised: ${address} may stop, and ${besides} away`,
      );
  }

  #answers({ questionId, answer, sharing }: Extract<Command, { do: 'answer-stop' }>): void {
    const { known, agents, clock, isCalm } = this.#scene;
    const run = this.#runOf(questionId);
    if (answer.verdict === 'allowed') this.#letsStop(run);
    if (answer.verdict === 'refused') this.#tally.refusals += 1;
    if (answer.verdict === 'wait' && answer.message.startsWith(OF_AWAY)) {
      this.#tally.waits += 1;
      if (isCalm)
        broken(`${run.address} waits for nodes that were planned to be away with it: ${answer.message}`);
    }
    if (OF_UNREST.test(answer.message)) this.#tally.restless += 1;
    const isOfHints = answer.message.startsWith('Hints wait');
    if (run.hintsSinceMs !== null && !isOfHints) run.hintsWaitedMs += clock.nowMs - run.hintsSinceMs;
    run.hintsSinceMs = isOfHints ? (run.hintsSinceMs ?? clock.nowMs) : null;
    if (answer.isHeld || answer.verdict === 'allowed') run.hintsWaitedMs = 0; // its limits begin anew
    agents.answer(run, answer);
    if (sharing !== null) known.set(run.address, sharing);
  }

  /** Whoever reads why nothing moves learns it, and by whom; people then step in where nothing else would end it. */
  #waits(waitingFor: WaitingFor | null): void {
    const { at, rnd, clock, ring, hosts, agents } = this.#scene;
    const { job } = at;
    job.waitingFor = waitingFor;
    if (waitingFor === null) return;
    const { kind, ids, what } = waitingFor;
    if (ids.length === 0 || what === '')
      broken(`the job waits, and does not say for whom: ${JSON.stringify(waitingFor)}`);
    const isKnown = (id: string): boolean =>
      id === job.id || id === 'freeze' || ring.nodes.some(({ address }) => address === id);
    if (!ids.every(isKnown)) broken(`the job waits for what nobody knows: ${ids.join(' ')}`);
    const isAway = (address: string): boolean =>
      !hosts.isUp(address) ||
      clock.nowMs < hosts.noticedMs(address) + 10_000 ||
      onLeave(agents.runs, clock.nowMs).includes(address);
    if (kind === 'gate' && what.includes(OF_AWAY) && !ids.every(isAway))
      broken(`not all of these are away: ${ids.join(' ')}: ${what}`);
    if (kind !== 'failure' && (kind !== 'canary' || job.canary?.waitMs !== 0)) return;
    clock.after(1_000 + rnd.below(60_000), () => {
      if (job.endedMs !== null || job.waitingFor?.kind !== kind) return;
      if (rnd.chance(0.8)) {
        if (kind === 'failure' && rnd.chance(0.5)) {
          this.#scene.triesAgain();
          this.#tally.furtherTries += 1;
        }
        this.#scene.resumes(job);
      } else this.#scene.terminates(job);
    });
  }

  readonly #executors: Executors = {
    'move-node': ({ jobNodeId, to, over }) => {
      const node = this.#nodeOf(jobNodeId);
      Object.assign(node, { status: to, endedMs: over ? this.#scene.clock.nowMs : null });
    },
    'move-job': ({ signal, to, over }) => {
      const { clock, at } = this.#scene;
      if (signal === 'started') at.job.startedMs = clock.nowMs;
      Object.assign(at.job, { status: to, endedMs: over ? clock.nowMs : null });
    },
    'start-run': ({ jobNodeId }) => this.#starts(jobNodeId),
    'request-stop': ({ runId }) => this.#scene.agents.requestStop(this.#runOf(runId)),
    'fence-run': ({ runId }) => this.#scene.agents.fence(this.#runOf(runId)),
    'answer-stop': (command) => this.#answers(command),
    'ask-views': ({ questionId }) => this.#scene.agents.askForViews(this.#runOf(questionId)),
    'set-waiting-for': ({ waitingFor }) => this.#waits(waitingFor),
    'set-canary-clock': ({ waitedMs, sinceMs }) => {
      const { job } = this.#scene.at;
      if (job.canary !== null) job.canary = { ...job.canary, waitedMs, sinceMs };
    },
    'ignore-windows': () => {
      this.#scene.at.job.windowsIgnoredMs = this.#scene.clock.nowMs;
    },
    'record-event': () => {},
    'bring-agent': () => broken('every host has an agent'),
    'adopt-job': () => broken('no job was orphaned'),
    'report-bug': ({ what }) => broken(what),
  };

  perform(command: Command): void {
    if (command.do !== 'record-event') this.#scene.tell(command);
    (this.#executors[command.do] as (command: Command) => void)(command);
  }
}
