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
