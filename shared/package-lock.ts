// Who holds the lock of a host's package manager, as that says which has to wait for it.

// apt's words, dpkg's, dnf's and rpm's, of several versions each; not all of them say by whom. What says more comes first.
const HELD_BY = [
  /Could not get lock \S+?\.? It is held by process (?<pid>\d+)(?: \((?<program>[^)]*)\))?/,
  /Could not get lock \S+ - open \(11: /,
  /\bdpkg(?: \w+)+ (?:was|is) locked by another process(?: with pid (?<pid>\d+))?/,
  /Unable to (?:acquire the dpkg frontend lock|lock the administration directory) \(.*\), is another process using it\?/,
  /The application with PID (?<pid>\d+) is: (?<program>\S+)/,
  /already locked by (?<pid>\d+)/,
  /can't create transaction lock/,
];

/** In words, of what one said in the language C that did not do its work; null: it was not for a lock. */
export function lockHolderIn(said: string): string | null {
  const found = HELD_BY.map((words) => words.exec(said)).find((one) => one !== null);
  if (found === undefined) return null;
  const { pid, program } = found.groups ?? {};
  if (pid === undefined) return 'another process';
  return `process ${pid}${program === undefined ? '' : ` (${program})`}`;
}
