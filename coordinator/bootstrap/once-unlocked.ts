// Installs on a host once nobody else installs anything there, as its agent would wait for it.
import { setTimeout as delay } from 'node:timers/promises';
import { lockHolderIn } from '../../shared/package-lock.ts';
import { BootstrapFault } from './fault.ts';
import type { Told } from './host-trust.ts';
import type { Ended } from './ssh-session.ts';

const EVERY_MS = 2_000;

interface Waiting {
  /** of the host, as messages show it */
  name: string;
  /** from when another is first seen to hold the lock */
  withinMs: number;
  signal: AbortSignal;
  /** what the host said, without secrets */
  quoted: (output: string) => string;
  tell: (event: Told) => Promise<void>;
}

/** @returns how it ended, well or not @throws BootstrapFault `package-manager-locked`, and what `install` and `tell` throw */
export async function onceUnlocked(
  install: () => Promise<Ended>,
  { name, withinMs, signal, quoted, tell }: Waiting,
): Promise<Ended> {
  let until: number | null = null;
  let told = '';
  for (;;) {
    const ended = await install();
    const holder = ended.exitCode === 0 ? null : lockHolderIn(`${ended.stdout}\n${ended.stderr}`);
    if (holder === null) return ended;
    const by = quoted(holder);
    until ??= performance.now() + withinMs;
    if (performance.now() >= until) {
      const message = `The package manager of ${name} is locked by ${by}, for ${withinMs / 1_000} s now`;
      throw new BootstrapFault('package-manager-locked', message);
    }
    if (by !== told) {
      const message = `Waiting for ${by}, which holds the lock of the package manager of ${name}`;
      await tell({ type: 'check', subtype: 'package-lock', message });
      told = by;
    }
    await delay(Math.min(EVERY_MS, withinMs), undefined, { signal });
  }
}
