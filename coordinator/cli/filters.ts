// Options that narrow lists, made from shared/lists.ts, and what was given by them as a query for the API.
import { type Command, Option } from 'commander';
import type { ListFilter, ListKind } from '../../shared/lists.ts';
import { timeOf } from '../../shared/times.ts';
import { CliFailure } from './exit.ts';
import { kindOf } from './kinds.ts';
import type { Json } from './rest-client.ts';
import type { Session } from './session.ts';
import { durationMs, valueOfText, valueProblem } from './values.ts';

/** By name instead of by id: the option, and the kind that it names. */
const NAMED: Readonly<Record<string, { option: string; kind: string }>> = {
  'cluster-id': { option: 'cluster', kind: 'cluster' },
  'datacenter-id': { option: 'datacenter', kind: 'dc' },
  'node-id': { option: 'node', kind: 'node' },
  'schedule-id': { option: 'schedule', kind: 'schedule' },
};

const optionOf = ({ name }: ListFilter): string => NAMED[name]?.option ?? name;

function placeholderOf(filter: ListFilter): string {
  const named = NAMED[filter.name];
  if (named !== undefined) return `<${named.kind}>`;
  if (filter.type === 'boolean') return '[boolean]';
  return filter.type === 'timestamp' ? '<time>' : '<text>';
}

/** @param except filters that the command has in its own way */
export function addFilterOptions(command: Command, list: ListKind, except: readonly string[] = []): Command {
  for (const filter of list.filters) {
    if (except.includes(filter.name)) continue;
    const about = filter.description.replace(/\.$/, '').replace(/^Only/, 'only');
    const limits = filter['allowed-values'] === null ? '' : ` (${filter['allowed-values'].join(', ')})`;
    const times =
      filter.type === 'timestamp' ? ' (2026-06-21T16:20:00Z, 2026-06-21, or 2h for two hours ago)' : '';
    const option = new Option(`--${optionOf(filter)} ${placeholderOf(filter)}`, `${about}${limits}${times}`);
    // For completion alone; what is wrong is told here, in the words of every other option.
    if (filter['allowed-values'] !== null) option.argChoices = [...filter['allowed-values']];
    command.addOption(option);
  }
  return command;
}

/** Two hours ago, or a time as the API takes it; null for neither. */
function momentOf(text: string, nowMs: number): string | null {
  const ago = /^\d+[smhd]$/.test(text) ? durationMs(text) : null;
  if (ago !== null) return new Date(nowMs - ago).toISOString();
  return timeOf(text) === null ? null : text;
}

/** @throws CliFailure usage for a value that is none; not-found for a name */
export async function filtersOf(
  list: ListKind,
  options: Json,
  { names }: Session,
  except: readonly string[] = [],
): Promise<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const filter of list.filters) {
    if (except.includes(filter.name)) continue;
    const option = optionOf(filter);
    const given = options[new Option(`--${option}`).attributeName()];
    const text = given === true ? 'true' : given;
    if (typeof text !== 'string') continue;
    const named = NAMED[filter.name];
    if (named !== undefined) {
      query[filter.name] = (await names.find(kindOf(named.kind), text)).id;
      continue;
    }
    if (filter.type === 'timestamp') {
      const moment = momentOf(text, Date.now());
      if (moment === null)
        throw new CliFailure(
          'usage',
          `--${option} must be a time like 2026-06-21T16:20:00Z, a day, or 2h for two hours ago`,
        );
      query[filter.name] = moment;
      continue;
    }
    const rule = { type: filter.type, allowed: filter['allowed-values'] };
    const value = valueOfText(rule, text);
    const problem = valueProblem(rule, value);
    if (problem !== null) throw new CliFailure('usage', `--${option} ${problem}`);
    query[filter.name] = String(value);
  }
  return query;
}
