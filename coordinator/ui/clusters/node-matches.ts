// Which nodes a filter of words holds: every word has to be found in what the node is called or how it stands.
import type { Node } from '../../../shared/rest-types.ts';
import { STATUS_WORDS } from '../parts/status-words.ts';

export const agentWord = ({ agent }: Node): 'connected' | 'away' | 'never seen' =>
  agent.connected ? 'connected' : agent['last-seen'] === null ? 'never seen' : 'away';

export function nodeMatches(node: Node, words: string): boolean {
  const text = [
    node.name,
    node.rack,
    node['ssh-management-address'],
    node['listen-address'],
    node['job-status'] === null ? 'no job' : STATUS_WORDS[node['job-status']],
    agentWord(node),
    node.effective.seed ? 'seed' : '',
  ]
    .join('\n')
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
