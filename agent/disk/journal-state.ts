// What the journal's lines add up to: the runs an agent holds, step by step, and those it was told to let go.
export interface JournalStep {
  index: number;
  name: string;
  started: boolean;
  finished: boolean;
  /** In the order of noting, over all starts of the step. */
  notes: readonly unknown[];
  result: unknown;
}

export interface JournalRun {
  runId: string;
  recipe: string;
  /** Without secrets: the caller's duty. */
  input: unknown;
  acceptedAtMs: number;
  stopRequested: boolean;
  /** null until the run is over; its finish is then in the outbox. */
  outcome: unknown;
  /** Those that were started, by index. */
  steps: readonly JournalStep[];
  /** Which boot of the host it was last carried on in; undefined: an agent that did not note that took it on. */
  boot?: string;
  /** There was another one before that. */
  wasRebooted?: boolean;
}

/** Fenced runs are remembered this many deep: a late order to start one comes within minutes, if ever. */
export const FENCED_KEPT = 1_000;

export type JournalLine =
  | readonly [
      'accept',
      runId: string,
      recipe: string,
      input: unknown,
      acceptedAtMs: number,
      firstStep?: string,
      boot?: string,
    ]
  | readonly ['start', runId: string, index: number, name: string, notes: readonly unknown[]]
  | readonly ['note', runId: string, index: number, note: unknown]
  | readonly ['end', runId: string, index: number, result: unknown]
  /** Those steps are to be done once more, as if they had not begun; agents from before it pass over this. */
  | readonly ['undo', runId: string, names: readonly string[]]
  /** It is carried on in that boot of the host; agents from before it pass over this. */
  | readonly ['boot', runId: string, boot: string]
  | readonly ['stop', runId: string]
  | readonly ['over', runId: string, outcome: unknown]
  | readonly ['forget', runId: string]
  | readonly ['fence', runId: string]
  /** All of it, at the head of a segment: takes the place of whatever was before. */
  | readonly ['state', runs: readonly JournalRun[], fenced: readonly string[]];

export interface JournalState {
  readonly runs: Map<string, JournalRun>;
  readonly fenced: Set<string>;
}

export const emptyState = (): JournalState => ({ runs: new Map(), fenced: new Set() });

/**
 * Takes in one line. Runs and steps are replaced, never changed, so that a caller may keep what it was given.
 * A line about a run that is not held changes nothing: it was forgotten while its step was still ending.
 */
export function applyLine(state: JournalState, line: JournalLine): void {
  const [kind, runId] = line;
  switch (kind) {
    case 'state':
      state.runs.clear();
      state.fenced.clear();
      for (const run of line[1]) state.runs.set(run.runId, run);
      for (const fenced of line[2]) state.fenced.add(fenced);
      return;
    case 'accept': {
      const [, , recipe, input, acceptedAtMs, firstStep, boot] = line;
      if (state.runs.has(runId)) return; // asked twice
      const run = { runId, recipe, input, acceptedAtMs, stopRequested: false, outcome: null, steps: [] };
      state.runs.set(runId, boot === undefined ? run : { ...run, boot });
      if (firstStep !== undefined)
        changeStep(state, runId, 0, (step) => ({ ...step, name: firstStep, started: true }));
      return;
    }
    case 'forget':
      state.runs.delete(runId);
      return;
    case 'fence':
      state.fenced.delete(runId); // to the end of the line again
      state.fenced.add(runId);
      for (const oldest of state.fenced) {
        if (state.fenced.size <= FENCED_KEPT) return;
        state.fenced.delete(oldest);
      }
      return;
    case 'stop':
      change(state, runId, (run) => ({ ...run, stopRequested: true }));
      return;
    case 'boot':
      change(state, runId, (run) => ({
        ...run,
        boot: line[2],
        ...(run.boot !== undefined && run.boot !== line[2] ? { wasRebooted: true } : {}),
      }));
      return;
    case 'undo':
      change(state, runId, (run) => ({
        ...run,
        steps: run.steps.filter(({ name }) => !line[2].includes(name)),
      }));
      return;
    case 'over':
      change(state, runId, (run) => ({ ...run, outcome: line[2] }));
      return;
    case 'start': {
      const [, , index, name, notes] = line;
      changeStep(state, runId, index, (step) => ({
        ...step,
        name,
        started: true,
        notes: [...step.notes, ...notes],
      }));
      return;
    }
    case 'note':
      changeStep(state, runId, line[2], (step) => ({ ...step, notes: [...step.notes, line[3]] }));
      return;
    case 'end':
      changeStep(state, runId, line[2], (step) => ({ ...step, finished: true, result: line[3] }));
  }
}

function change(state: JournalState, runId: string, to: (run: JournalRun) => JournalRun): void {
  const run = state.runs.get(runId);
  if (run !== undefined) state.runs.set(runId, to(run));
}

function changeStep(
  state: JournalState,
  runId: string,
  index: number,
  to: (step: JournalStep) => JournalStep,
): void {
  change(state, runId, (run) => {
    const step = run.steps.find((one) => one.index === index);
    const changed = to(step ?? { index, name: '', started: false, finished: false, notes: [], result: null });
    const others = run.steps.filter((one) => one.index !== index);
    return { ...run, steps: [...others, changed].sort((a, b) => a.index - b.index) };
  });
}
