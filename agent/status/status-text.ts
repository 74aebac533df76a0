// What `ringmaster-agent status` prints and exits with.
import type { Report } from './socket.ts';

/** As far as it can be told without the agent. */
export interface Standing {
  /** where its identity and the running agent were looked for */
  dataDirectory: string;
  /** null: not enrolled */
  identity: { nodeId: string; certificateEndMs: number } | null;
  /** null: no agent runs here */
  report: Report | null;
  /** a word or two on the database node */
  databaseNode: string;
}

/** 0 connected, 2 not connected, 3 not running, 4 not enrolled; 1 is left to what cannot be told. */
export function exitCodeOf({ identity, report }: Standing): number {
  if (report !== null) return report.link.connected ? 0 : 2;
  return identity === null ? 4 : 3;
}

const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function linkText({ link }: Report): string {
  if (link.connected) return `connected to ${link.address} since ${at(link.sinceMs)}`;
  return `not connected since ${at(link.sinceMs)}${link.reason === null ? '' : `: ${link.reason}`}`;
}

const runText = ({ runId, recipe, step }: Report['runs'][number]): string =>
  `${runId} (${recipe}${step === null ? '' : `, ${step}`})`;

/** One line a fact, `name: value`. */
export function statusText(standing: Standing, nowMs: number): string {
  const { identity, report, databaseNode } = standing;
  const days = identity === null ? 0 : Math.floor((identity.certificateEndMs - nowMs) / 86_400_000);
  const lines: [string, string][] = [
    [
      'agent',
      report === null
        ? 'not running'
        : `running since ${at(report.startedMs)}, version ${report.version}, pid ${report.pid}`,
    ],
    ['node', identity?.nodeId ?? 'not enrolled'],
    ['data directory', standing.dataDirectory],
    ...(report === null
      ? []
      : ([
          ['coordinator', linkText(report)],
          ['runs', report.runs.length === 0 ? 'none' : report.runs.map(runText).join(', ')],
          ['outbox', `${report.outbox.records} records, ${report.outbox.bytes} bytes not yet stored`],
        ] satisfies [string, string][])),
    ['database node', databaseNode],
    ...(identity === null
      ? []
      : ([
          ['certificate', `ends ${at(identity.certificateEndMs)} (${days < 0 ? 'over' : `${days} days`})`],
        ] satisfies [string, string][])),
  ];
  return lines.map(([name, value]) => `${name}: ${value}\n`).join('');
}
