// What agents do with runs, and what is kept of the questions that they ask: leave, stop, start, and word of it once they are heard.
import type { AskedView, GateAnswer } from '../../../../coordinator/core/gate/facts.ts';
import type { RunOutcome } from '../../../../shared/events.ts';
import type { Random } from '../../../support/random.ts';
import type { Clock } from './clock.ts';
import type { Hosts } from './hosts.ts';
import type { Ring } from './ring.ts';
import type { Run } from './runs.ts';

/** How often things go wrong. */
export interface Weather {
  failsEarly: number;
  failsToStart: number;
  isSlow: number;
}

export class Agents {
  readonly runs: Run[] = [];
  readonly #ring: Ring;
  readonly #hosts: Hosts;
  readonly #clock: Clock;
  readonly #rnd: Random;
  readonly #weather: Weather;
  readonly #wake: () => void;
  readonly #unheard = new Map<string, (() => void)[]>();

  constructor(
    at: { ring: Ring; hosts: Hosts; clock: Clock; rnd: Random; wake: () => void },
    weather: Weather,
  ) {
    this.#ring = at.ring;
    this.#hosts = at.hosts;
    this.#clock = at.clock;
    this.#rnd = at.rnd;
    this.#weather = weather;
    this.#wake = () => at.wake();
  }

  /** Word between coordinator and agent, either way, as soon as there is a stream. */
  #word(address: string, comes: () => void, withinMs = 100): void {
    this.#clock.after(1 + this.#rnd.below(withinMs), () => {
      if (this.#hosts.awaySinceMs(address) === null) comes();
      else this.#unheard.set(address, [...(this.#unheard.get(address) ?? []), comes]);
    });
  }

  leaves(address: string, forMs: number): void {
    if (this.#hosts.awaySinceMs(address) !== null) return;
    this.#hosts.setAgent(address, this.#clock.nowMs);
    this.#wake();
    this.#clock.after(forMs, () => this.#attaches(address));
  }

  #attaches(address: string): void {
    this.#hosts.setAgent(address, null);
    const words = this.#unheard.get(address) ?? [];
    this.#unheard.delete(address);
    for (const comes of words) comes();
    for (const run of this.runs)
      if (run.address === address && run.question !== null && !run.isOver) this.#ask(run);
    this.#wake();
  }

  start(jobNodeId: string, address: string): Run {
    const { nowMs } = this.#clock;
    const id = `run-${this.runs.length}`;
    const times = { createdMs: nowMs, acceptedMs: null, stopRequestedMs: null, lastActiveMs: null };
    const run: Run = {
      jobNodeId,
      address,
      seen: { id, ...times, outcome: null, reason: null, step: null },
      question: null,
      leaveMs: null,
      hintsSinceMs: null,
      hintsWaitedMs: 0,
      isToStop: false,
      isOver: false,
      isBack: false,
      fencedMs: null,
      letGoMs: null,
      finishedMs: null,
    };
    this.runs.push(run);
    this.#word(address, () => {
      if (run.isOver) return;
      run.seen.acceptedMs = this.#clock.nowMs;
      this.#clock.after(200 + this.#rnd.below(3_000), () => this.#comesToStop(run));
    });
    return run;
  }

  #comesToStop(run: Run): void {
    if (run.isOver) return;
    if (run.isToStop) this.#ends(run, 'stopped');
    else if (this.#rnd.chance(this.#weather.failsEarly)) this.#ends(run, 'failed');
    else if (!this.#hosts.isUp(run.address)) this.#startsNode(run);
    else this.#word(run.address, () => this.#ask(run));
  }

  /** As `askToStop` of `store/gate.ts`: of an earlier answer only the clocks are kept. */
  #ask(run: Run): void {
    if (run.isOver) return;
    const { nowMs } = this.#clock;
    run.question ??= {
      asked: 0,
      askedMs: nowMs,
      round: 0,
      roundMs: nowMs,
      answer: null,
      views: [],
      latest: new Map(),
    };
    const { answer } = run.question;
    run.question.asked += 1;
    run.question.answer =
      answer === null || Object.keys(answer).length === 3
        ? null
        : { ...answer, verdict: 'wait', message: '', notes: [] };
    this.askForViews(run);
    this.#wake();
  }

  /** As `askForViews` there: the node itself and up to two of each datacenter, those first that could look the last time. */
  askForViews(run: Run): void {
    const { question, address } = run;
    if (question === null) return;
    question.round += 1;
    question.roundMs = this.#clock.nowMs;
    question.views = [];
    const rank = (one: string): number => {
      const last = question.latest.get(one);
      return last === undefined ? 0 : last.round + (last.isBlind ? 1e6 : 0);
    };
    const there = this.#ring.nodes.filter((node) => this.#hosts.awaySinceMs(node.address) === null);
    const others = there.filter((node) => node.address !== address);
    const asked = [...new Set(others.map(({ datacenter }) => datacenter))].flatMap((datacenter) =>
      others
        .filter((node) => node.datacenter === datacenter)
        .sort((a, b) => rank(a.address) - rank(b.address))
        .slice(0, 2),
    );
    const own = there.filter((node) => node.address === address);
    const { round } = question;
    const answersWithinMs = 20 + this.#rnd.below(800);
    for (const { address: name } of [...own, ...asked]) {
      const view: AskedView = { nodeId: name, name, seenMs: null, problem: null, view: null, down: false };
      question.latest.set(name, { round, isBlind: false });
      question.views.push(view);
      if (this.#rnd.chance(this.#weather.isSlow)) continue;
      this.#clock.after(answersWithinMs, () => {
        if (question.round !== round || this.#hosts.awaySinceMs(name) !== null) return;
        const down = !this.#hosts.isUp(name);
        view.seenMs = this.#clock.nowMs;
        view.down = down;
        view.problem = down ? 'no database node runs there' : null;
        view.view = down ? null : this.#hosts.viewOf(name, address, view.seenMs);
        question.latest.set(name, { round, isBlind: down });
        this.#wake();
      });
    }
  }

  answer(run: Run, answer: GateAnswer): void {
    const { question } = run;
    if (question === null) throw new Error('an answer to no question');
    question.answer = answer;
    if (answer.verdict === 'allowed') run.leaveMs ??= this.#clock.nowMs;
    if (answer.verdict === 'wait') return;
    const { asked } = question;
    this.#word(run.address, () => {
      if (question.asked !== asked || run.isOver || run.question === null) return;
      run.question = null;
      if (answer.verdict === 'refused') this.#ends(run, 'failed');
      else this.#clock.after(500 + this.#rnd.below(4_000), () => this.#stopsNode(run));
    });
  }

  #stopsNode(run: Run): void {
    if (run.isOver) return;
    this.#hosts.setUp(run.address, false, this.#clock.nowMs);
    this.#clock.after(2_000 + this.#rnd.below(20_000), () => this.#startsNode(run));
  }

  #startsNode(run: Run): void {
    if (run.isOver) return;
    if (this.#rnd.chance(this.#weather.failsToStart)) {
      this.mendsLater(run.address);
      this.#ends(run, 'failed');
      return;
    }
    const { nowMs } = this.#clock;
    this.#hosts.setUp(run.address, true, nowMs);
    this.#clock.after(Math.max(0, this.#hosts.noticedMs(run.address) - nowMs) + 300, () => {
      if (run.isOver) return;
      run.isBack = this.#hosts.isUp(run.address);
      const outcome = run.isToStop ? 'stopped' : 'succeeded';
      this.#ends(run, run.isBack ? outcome : 'failed');
    });
  }

  /** What is down by no run is started by somebody. */
  mendsLater(address: string): void {
    this.#clock.after(5_000 + this.#rnd.below(this.#rnd.chance(0.1) ? 90_000 : 25_000), () => {
      const isAtWork = this.runs.some(
        (run) => run.address === address && run.leaveMs !== null && !run.isOver,
      );
      if (isAtWork) {
        this.mendsLater(address);
        return;
      }
      this.#hosts.setUp(address, true, this.#clock.nowMs);
      for (const run of this.runs) if (run.address === address && run.isOver) run.isBack = true;
    });
  }

  #ends(run: Run, outcome: RunOutcome): void {
    run.isOver = true;
    this.#word(run.address, () => {
      if (run.fencedMs === null) {
        run.seen.outcome = outcome;
        run.finishedMs = this.#clock.nowMs;
        run.question = null;
      } else run.letGoMs ??= this.#clock.nowMs;
      this.#wake();
    });
  }

  /** A run comes to its end before the stop of its node, or once that is back. */
  requestStop(run: Run): void {
    run.seen.stopRequestedMs = this.#clock.nowMs;
    this.#word(run.address, () => {
      run.isToStop = true;
      if (run.question !== null && !run.isOver) this.#ends(run, 'stopped');
    });
  }

  fence(run: Run): void {
    run.fencedMs = this.#clock.nowMs;
    this.#word(run.address, () => {
      if (!run.isOver && !this.#hosts.isUp(run.address)) this.mendsLater(run.address);
      run.isOver = true;
      run.letGoMs ??= this.#clock.nowMs;
      this.#wake();
    });
  }
}
