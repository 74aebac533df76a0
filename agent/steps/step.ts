// What a step is: one sentence of work on the machine, told as events; it looks, then acts, and is safe to repeat.
import type { StepEvent } from '../../shared/events.ts';
import type { RunInput, RunSecrets } from '../../shared/run-input.ts';
import type { PeerStanding } from '../../shared/wire/messages.ts';
import type { Host } from '../host/host.ts';
import type { LeaveAnswer } from '../stop-leave.ts';

/** All that a step is given. Nothing else may be reached from a step. */
export interface StepContext {
  readonly host: Host;
  readonly input: RunInput;
  readonly secrets: RunSecrets;
  /** Fires when the run is to stop: the step ends at its next safe point, never leaving the database node down. */
  readonly stopping: AbortSignal;
  /** Fires when the run was fenced or the agent ends: stop at once, leave no child of ours half-way where avoidable. */
  readonly aborted: AbortSignal;
  /** Something moved (bytes, a poll with a limit of its own): keeps the node from being called IDLE. */
  tick(): void;
  /** What this step noted in the journal before a crash, oldest first; empty on the first try. */
  readonly notes: readonly unknown[];
  /** Durable before it resolves: e.g. pid and start time of the process, before it is stopped. */
  note(value: unknown): Promise<void>;
  /** What an earlier step of this run returned, by its name; undefined when it returned nothing. */
  resultOf(step: string): unknown;
  /** Asks the coordinator whether the node at `address` may be stopped; ends after an answer other than `wait`, or with `signal`. */
  askLeave(address: string, signal: AbortSignal): AsyncIterable<LeaveAnswer>;
  /** Asks the cluster's other agents whether their own database node sees `address` as up and normal; yields standings until all have answered. */
  askPeers(address: string, withinMs: number): AsyncIterable<PeerStanding>;
}

/** Yields events; returns what later steps may read with `resultOf` (JSON values), or nothing. Throws StepFailed. */
export type StepEvents = AsyncGenerator<StepEvent, unknown, void>;

export interface Step {
  /** kebab-case verb-noun, as shown in progress: `drain-node` */
  readonly name: string;
  /** Carried out only once the run has failed at a step from which it goes back, in place of all that would follow that step. */
  readonly isAfterFailure?: true;
  /** Once this step has started, the run is not stopped before the step of that name has finished: the node may be down. */
  readonly mustReach?: string;
  /** What it found is as old as the process that found it: a run that another takes up does it again, until the step of that name has started. */
  readonly goodUntil?: string;
  run(context: StepContext): StepEvents;
}

type Carried = Pick<RunInput, 'recipe' | 'dryRun'>;

/** The type of its job, also of one that is a dry-run: with secrets for files or without, on all nodes or on stale ones alone, going back or not, it is the same. */
export const jobOf = ({ recipe, dryRun }: Carried): string =>
  dryRun?.of ?? recipe.replace(/(?:-stale)?(?:-reverting)?(?:-with-secrets)?$/, '');

export const isInstall = (input: Carried): boolean => jobOf(input) === 'install';
export const isUpgrade = (input: Carried): boolean => jobOf(input) === 'upgrade';
export const isOnlyStale = ({ recipe, dryRun }: Carried): boolean =>
  dryRun?.onlyStale ?? /-stale(?:-|$)/.test(recipe);
/** What it wrote is put back where the node does not come back with it. */
export const isReverting = ({ recipe }: Carried): boolean => /-reverting(?:-|$)/.test(recipe);

/** A recipe is a list, readable top to bottom. */
export type Recipe = (input: RunInput) => readonly Step[];
