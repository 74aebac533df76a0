// What the marks of a map mean.
import { AgentDot } from './node-square.tsx';

export function MapLegend() {
  return (
    <p className="legend muted">
      Icon: the node's newest job.
      <span>
        <AgentDot isConnected={true} /> agent connected
      </span>
      <span>
        <AgentDot isConnected={false} /> agent away
      </span>
    </p>
  );
}
