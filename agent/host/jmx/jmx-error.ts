// The failure of every question over JMX: unreachable, late, unreadable, or refused by the remote side.

/**
 * When the remote side threw, `remoteClass` and `remoteMessage` are those of its exception, without the wrappers of JMX and RMI
 * around it; otherwise both are null. `remoteMessage` is also null for an exception without a message.
 */
export class JmxError extends Error {
  readonly remoteClass: string | null;
  readonly remoteMessage: string | null;
  constructor(
    message: string,
    options: { remoteClass?: string | null; remoteMessage?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'JmxError';
    this.remoteClass = options.remoteClass ?? null;
    this.remoteMessage = options.remoteMessage ?? null;
  }
}

const UNKNOWN = [
  'java.lang.NoSuchMethodException',
  'javax.management.AttributeNotFoundException',
  'javax.management.InstanceNotFoundException',
];

/** For what only some versions of Cassandra have. @throws the error when it is another than that there is no such operation, attribute or object */
export function nullWhereUnknown(error: unknown): null {
  if (error instanceof JmxError && UNKNOWN.includes(error.remoteClass ?? '')) return null;
  throw error;
}
