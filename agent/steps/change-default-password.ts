// Gives the role `cassandra` a password of the operator's: the last step of the last node of an install.
import { StepFailed } from '../../shared/errors.ts';
import type { Step } from './step.ts';
import { changed, looked } from './telling.ts';
import { ticking } from './waiting.ts';

/** Also covers the time until a first start has made the role. */
const LOGIN_MS = 60_000;

export const changeDefaultPassword: Step = {
  name: 'change-default-password',
  async *run(context) {
    const { host, input, secrets } = context;
    yield looked('default-password', 'Checking if the default password is to be changed', {
      resource: 'cassandra',
    });
    if (input.defaultPassword === 'changed-before') {
      yield looked(
        'default-password',
        'An earlier install changed the default password: the one given now is not set',
        { resource: 'cassandra' },
      );
    }
    if (input.defaultPassword !== 'to-change') return;
    if (secrets.newCassandraPassword === null) {
      throw new StepFailed('password-not-changed', 'No new password for cassandra was given', {
        resource: 'cassandra',
      });
    }
    const change = host.changeCassandraPassword({
      address: input.node.nativeTransportAddress,
      port: input.ports.native,
      oldPassword: secrets.oldCassandraPassword ?? 'cassandra',
      newPassword: secrets.newCassandraPassword,
      withinMs: LOGIN_MS,
      datacenter: input.node.datacenter,
    });
    if ((await ticking(context, change)) === 'already') {
      yield looked('default-password', 'The password was changed already', { resource: 'cassandra' });
    } else {
      yield changed('default-password', 'Changed the default password', { resource: 'cassandra' });
    }
  },
};
