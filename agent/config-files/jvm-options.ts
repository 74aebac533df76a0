// jvm.options and its kin: one flag a line; a flag is replaced where the pristine file has it, even commented out.

import type { ConfigFileId } from '../../shared/config-files.ts';
import { pointerTo } from '../../shared/errors.ts';
import { endsInLineEnd, eolOf, linesOf } from './header.ts';
import { COLLECTORS, fixed, HEAP, JVM_FLAGS, type JvmFlag } from './jvm-flags.ts';
import type { RenderInput } from './render-input.ts';
import { jvmOptionList } from './setting-values.ts';
import { checkKeys, type Json, refuse, type Settings, settingsOf } from './settings.ts';
import { withBlockAtEnd, withoutBlocks } from './shell-text.ts';

export type JvmFileId = Extract<ConfigFileId, `jvm${string}`>;

const COLLECTOR = 'garbage_collector';
const UNLOCK = '-XX:+UnlockExperimentalVMOptions';
const OPTIONS = 'additional-jvm-opts';
const COLLECTOR_LINE =
  /^-XX:\+Use(?:G1|ConcMarkSweep|ParNew|Serial|Parallel|ParallelOld|Z|Shenandoah|Epsilon)GC\s*$/;

/** The file's lines and what could not be put in their midst. */
interface Draft {
  lines: string[];
  added: string[];
  eol: string;
}

const hasActive = (draft: Draft, flag: JvmFlag): boolean =>
  draft.lines.some((line) => flag.isSetBy(line.trimEnd()));
/** One word alone behind the # is a flag switched off; more words are prose about a flag. */
const switchedOff = (line: string): string => /^#+[ \t]?(-\S+)\s*$/.exec(line)?.[1] ?? '';

/** @param line null comments the flag out */
function setFlag(draft: Draft, flag: JvmFlag, line: string | null): void {
  const active = draft.lines.findIndex((own) => flag.isSetBy(own.trimEnd()));
  const example = draft.lines.findIndex((own) => flag.isSetBy(switchedOff(own)));
  const place = active >= 0 ? active : example;
  draft.lines = draft.lines.map((own, i) => {
    if (i === place && line !== null) return line + draft.eol;
    return flag.isSetBy(own.trimEnd()) ? `#${own}` : own; // the last of several would win
  });
  if (place < 0 && line !== null) draft.added.push(line);
}

function collectorOf(fileId: JvmFileId, settings: Settings, input: RenderInput): string | null {
  const check = (value: Json, file: string): string | null => {
    if (value === null || (typeof value === 'string' && Object.hasOwn(COLLECTORS, value))) return value;
    return refuse(pointerTo(file, COLLECTOR), `must be one of ${Object.keys(COLLECTORS).join(', ')}`);
  };
  const own = check(settings.get(COLLECTOR) ?? null, fileId);
  if (fileId === 'jvm-options' || fileId === 'jvm-server-options') return own;
  // two collectors, one from each file, and the JVM would not start: a version's file follows the common one
  const common = check(
    settingsOf(input.profile, 'jvm-server-options').get(COLLECTOR) ?? null,
    'jvm-server-options',
  );
  const until = COLLECTORS[own ?? common ?? '']?.until ?? Number.POSITIVE_INFINITY;
  const java = Number(/\d+/.exec(fileId)?.[0] ?? 0);
  if (own !== null && java > until) return refuse(pointerTo(fileId, COLLECTOR), `Java ${java} has no ${own}`);
  if (own !== null && common !== null && own !== common) {
    return refuse(pointerTo(fileId, COLLECTOR), `contradicts ${COLLECTOR} of jvm-server-options`);
  }
  return own ?? (java > until ? null : common);
}

function setCollector(draft: Draft, fileId: JvmFileId, name: string): void {
  const chosen = COLLECTORS[name];
  if (chosen === undefined) return;
  draft.lines = draft.lines.map((own) =>
    COLLECTOR_LINE.test(own) && !own.startsWith(chosen.line) ? `#${own}` : own,
  );
  if (chosen.isExperimentalIn11 && fileId === 'jvm11-server-options') {
    setFlag(draft, fixed(UNLOCK), UNLOCK);
  }
  setFlag(draft, fixed(chosen.line), chosen.line);
}

/** The start script refuses one of -Xms and -Xmx without the other, and its comments ask for equal ones. */
function pairHeap(draft: Draft, settings: Settings): Settings {
  const initial = settings.get('initial_heap_size') ?? null;
  const max = settings.get('max_heap_size') ?? null;
  if (initial === null && max !== null && !hasActive(draft, HEAP.initial)) {
    return new Map([...settings, ['initial_heap_size', max]]);
  }
  if (max === null && initial !== null && !hasActive(draft, HEAP.max)) {
    return new Map([...settings, ['max_heap_size', initial]]);
  }
  return settings;
}

const isUnlock = (key: string): boolean => key.startsWith('unlock');

export function renderJvmOptions(fileId: JvmFileId, pristine: string, input: RenderInput): string {
  const given = settingsOf(input.profile, fileId);
  const flags = JVM_FLAGS[input.product];
  checkKeys(fileId, given, [...Object.keys(flags), COLLECTOR, OPTIONS]);
  const text = withoutBlocks(pristine);
  const draft: Draft = { lines: linesOf(endsInLineEnd(text)), added: [], eol: eolOf(text) };
  // what unlocks other flags has to stand before them
  const ordered = [...pairHeap(draft, given)].sort(([a], [b]) => Number(isUnlock(b)) - Number(isUnlock(a)));
  for (const [key, value] of ordered) {
    const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
    if (flag !== undefined && value !== null) setFlag(draft, flag, flag.line(value, pointerTo(fileId, key)));
  }
  const collector = collectorOf(fileId, given, input);
  if (collector !== null) setCollector(draft, fileId, collector);
  draft.added.push(...jvmOptionList(given.get(OPTIONS) ?? [], fileId, OPTIONS));
  return withBlockAtEnd(draft.lines.join(''), draft.added);
}
