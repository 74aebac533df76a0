// The last look at the machine: what succeeded does not fail by it.
import { expect } from 'chai';
import { layoutOf } from '../../../agent/products/index.ts';
import { lookAgain } from '../../../agent/steps/gather-facts.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from './step-driver.ts';

describe('the last look at the machine', () => {
  const input = inputFor('restart', '/srv/node1');
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
    host.files.set(layoutOf(input).installed, '{');
  });

  it('says why nothing was seen, and fails nothing', async () => {
    const { events } = await drive([lookAgain], { host, input });
    expect(events.map(({ subtype }) => subtype)).to.deep.equal(['facts', 'facts-not-seen']);
    expect(events[1]?.after?.['error']).to.contain('is damaged');
  });

  it('says nothing of that where the agent ends, which looks again at its next start', async () => {
    const aborted = AbortSignal.abort(new Error('the agent ends'));
    const told: string[] = [];
    const onEvent = ({ subtype }: { subtype: string }) => void told.push(subtype);
    const ended = drive([lookAgain], { host, input, aborted, onEvent });
    expect(await ended.catch(String)).to.equal('Error: the agent ends');
    expect(told).to.deep.equal(['facts']);
  });
});
