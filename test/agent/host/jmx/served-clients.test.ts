// Whom a node serves, from the metrics that its version has.
import { expect } from 'chai';
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import type { JmxClient } from '../../../../agent/host/jmx/jmx-client.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { servedClients } from '../../../../agent/host/jmx/served-clients.ts';

/** Has these metrics, by the end of their names, and fails for all others with this class. */
const having = (metrics: Record<string, JavaValue>, remoteClass: string): JmxClient => ({
  getAttribute: async (name, attribute) => {
    const value = metrics[name.replace(/^.*name=/, '')];
    if (attribute === 'Value' && value !== undefined) return value;
    throw new JmxError('no', { remoteClass });
  },
  invoke: () => expect.fail('nothing is to be done'),
  close: () => {},
});
const ABSENT = 'javax.management.InstanceNotFoundException';

describe('the clients that a node serves', () => {
  it('are its connections, and the requests that it works on or has queued', async () => {
    const metrics = { connectedNativeClients: 3, ActiveTasks: 2, PendingTasks: 40 };
    expect(await servedClients(having(metrics, ABSENT))).to.deep.equal({ connections: 3, requests: 42 });
  });

  it('are unknown as far as a version does not tell, which is no failure; any other is', async () => {
    expect(await servedClients(having({ connectedNativeClients: 3 }, ABSENT))).to.deep.equal({
      connections: 3,
      requests: null,
    });
    const refused = await servedClients(having({ ActiveTasks: 1 }, 'java.lang.SecurityException')).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(JmxError).and.to.include({ remoteClass: 'java.lang.SecurityException' });
  });
});
