// What is to be done once an agent is enrolled, which depends on where its service will look for that.

/** @param served the data directory of the service; null: there is none, or it cannot be told */
export function afterEnrolment(dataDirectory: string, served: string | null): string {
  const byHand = `ringmaster-agent run --data-dir ${dataDirectory}`;
  if (served === null) return byHand;
  const start = 'systemctl enable --now ringmaster-agent';
  return served === dataDirectory
    ? start
    : `${byHand}. The service looks in ${served}: for it set data-dir in /etc/ringmaster/agent.yaml to ${dataDirectory}, then ${start}`;
}
