// The hosts of a ring: which database nodes run, what the others have noticed of that, whose agents are there, and what they keep for whom.
import type { RingView } from '../../../../shared/ring-view.ts';
import type { Random } from '../../../support/random.ts';
import { keyspacesAbout, type Ring } from './ring.ts';

/** A node may be down, or up again, for so long before another one has noticed. */
export const NOTICED_WITHIN_MS = 12_000;
const HINTS_WITHIN_MS = 90_000;

/** What no node is stopped in: all see it, but for a stream, which its two ends see. */
export interface Unrest {
  kind: 'schema' | 'joining' | 'leaving' | 'moving' | 'streams';
  /** who joins, leaves or moves; the ends of the stream */
  addresses: readonly string[];
  fromMs: number;
  untilMs: number;
}
const UNRESTS: readonly Unrest['kind'][] = ['schema', 'joining', 'leaving', 'moving', 'streams'];

interface Host {
  isUp: boolean;
  changedMs: number;
  /** by observer: when it notices the latest change, and what it believes until then */
  noticed: Map<string, { atMs: number; before: boolean }>;
  agentAwaySinceMs: number | null;
  /** hints that another node keeps for it, and until when */
  hints: { keeper: string; untilMs: number } | null;
}

export class Hosts {
  readonly #ring: Ring;
  readonly #rnd: Random;
  readonly #hosts = new Map<string, Host>();
  readonly #keyspaces = new Map<string, RingView['keyspaces']>();
  #unrest: Unrest | null = null;

  constructor(ring: Ring, rnd: Random) {
    this.#ring = ring;
    this.#rnd = rnd;
    for (const { address } of ring.nodes)
      this.#hosts.set(address, {
        isUp: true,
        changedMs: 0,
        noticed: new Map(),
        agentAwaySinceMs: null,
        hints: null,
      });
  }

  #at(address: string): Host {
    const host = this.#hosts.get(address);
    if (host === undefined) throw new Error(`no host ${address}`);
    return host;
  }

  isUp = (address: string): boolean => this.#at(address).isUp;
  awaySinceMs = (address: string): number | null => this.#at(address).agentAwaySinceMs;

  setAgent(address: string, awaySinceMs: number | null): void {
    this.#at(address).agentAwaySinceMs = awaySinceMs;
  }

  setUp(address: string, isUp: boolean, nowMs: number): void {
    const host = this.#at(address);
    if (host.isUp === isUp) return;
    for (const { address: other } of this.#ring.nodes)
      host.noticed.set(other, {
        before: this.#believes(other, address, nowMs),
        atMs: nowMs + this.#rnd.below(NOTICED_WITHIN_MS),
      });
    Object.assign(host, { isUp, changedMs: nowMs });
    if (isUp && this.#rnd.chance(0.3))
      host.hints = {
        keeper: this.#rnd.pick(this.#ring.nodes).address,
        untilMs: nowMs + this.#rnd.below(HINTS_WITHIN_MS),
      };
  }

  #believes(observer: string, address: string, nowMs: number): boolean {
    const { isUp, noticed } = this.#at(address);
    const own = noticed.get(observer);
    return observer === address || own === undefined || nowMs >= own.atMs ? isUp : own.before;
  }

  /** From now on, for a while. */
  makeUnrest(nowMs: number): Unrest {
    const kind = this.#rnd.pick(UNRESTS);
    const { nodes } = this.#ring;
    const one = this.#rnd.pick(nodes).address;
    const others = nodes.filter(({ address }) => address !== one);
    const other = others.length === 0 ? 'new' : this.#rnd.pick(others).address;
    const addresses = { schema: [], joining: ['new'], leaving: [one], moving: [one], streams: [one, other] };
    this.#unrest = {
      kind,
      addresses: addresses[kind],
      fromMs: nowMs,
      untilMs: nowMs + this.#rnd.below(30_000),
    };
    return this.#unrest;
  }

  /** Of which a node that looked at that moment could tell. */
  unrestSeenBy(observer: string, atMs: number): Unrest | null {
    const unrest = this.#unrest;
    if (unrest === null || atMs < unrest.fromMs || atMs >= unrest.untilMs) return null;
    return unrest.kind !== 'streams' || unrest.addresses.includes(observer) ? unrest : null;
  }

  /** Down for so long that all others have noticed, and told of it since. */
  isKnownDown(address: string, nowMs: number): boolean {
    const { isUp, changedMs } = this.#at(address);
    return !isUp && nowMs - changedMs >= 2 * NOTICED_WITHIN_MS;
  }

  /** When all others will have noticed how it stands. */
  noticedMs(address: string): number {
    return Math.max(0, ...[...this.#at(address).noticed.values()].map(({ atMs }) => atMs));
  }

  /** What one node, which runs, sees of its ring, and of the ranges of another. */
  viewOf(observer: string, about: string, nowMs: number): RingView {
    const addresses = this.#ring.nodes.map(({ address }) => address);
    const keyspaces = this.#keyspaces.get(about) ?? keyspacesAbout(this.#ring, about);
    this.#keyspaces.set(about, keyspaces);
    const isLive = (address: string): boolean => this.#believes(observer, address, nowMs);
    const unrest = this.unrestSeenBy(observer, nowMs);
    const those = (kind: Unrest['kind']): string[] => (unrest?.kind === kind ? [...unrest.addresses] : []);
    return {
      live: addresses.filter(isLive),
      unreachable: addresses.filter((address) => !isLive(address)),
      joining: those('joining'),
      leaving: those('leaving'),
      moving: those('moving'),
      schemaVersions: unrest?.kind === 'schema' ? 2 : 1,
      streamsWith: those('streams').filter((end) => end !== observer),
      hintsFor: addresses.filter((address) => {
        const { hints } = this.#at(address);
        return hints !== null && hints.keeper === observer && nowMs < hints.untilMs && isLive(address);
      }),
      datacenters: this.#ring.datacenters,
      keyspaces,
    };
  }
}
