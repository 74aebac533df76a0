// One try to bring an agent to a host: log in, look, upload and install, enrol, start, and wait until it has connected.
import { X509Certificate } from 'node:crypto';
import type { Slots } from '../../shared/slots.ts';
import { type HostFacts, type PackageFormat, readHostFacts, tooLittleRoom } from '../core/bootstrap.ts';
import { agentPackage } from './agent-packages.ts';
import { type Become, quote } from './become.ts';
import { BootstrapFault, quoted } from './fault.ts';
import { checkHost, type KnownKeys, pinHost, type Told } from './host-trust.ts';
import { onceUnlocked } from './once-unlocked.ts';
import {
  ENROL,
  FORGET_IDENTITY,
  INSTALL,
  LOOK,
  MAKE_UPLOAD_DIRECTORY,
  START,
  STATUS,
  uploadDirectory,
} from './scripts.ts';
import type { Login } from './ssh-login.ts';
import { type Ended, SshSession } from './ssh-session.ts';

/** A host and the way into it, from the model. */
export interface Target {
  nodeId: string;
  /** another one for each try */
  tryId: string;
  /** the tries before this one found no way in: that one is made was told then */
  isToldAlready: boolean;
  nodeName: string;
  login: Login;
  become: Become;
}

/** What a try needs of the coordinator. */
export interface Coordination extends KnownKeys {
  /** An event of the job node. @throws when this try is not ours any more */
  tell(event: Told): Promise<void>;
  /** The host has let us in, and there is what it takes to go on: its node is at work. @throws when this try is not ours any more */
  entered(): Promise<void>;
  /** a new enrolment bundle for the node: a secret. @throws when this try is not ours any more */
  makeBundle(): Promise<string>;
  /** whether an agent of this node is let in with it */
  isGoodCertificate(serial: string): Promise<boolean>;
  isConnected(): Promise<boolean>;
}

export interface TryTimes {
  connectWithinMs: number;
  /** for looking, enrolling, starting: each */
  commandWithinMs: number;
  /** for the upload, and for the installation */
  installWithinMs: number;
  /** from when another is seen to install there */
  lockWithinMs: number;
  /** from the start of the agent to its stream */
  connectedWithinMs: number;
}

const CONNECTED_EVERY_MS = 250;

/** @returns null for what is no certificate */
function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

interface TryOptions {
  /** the directory of agent packages */
  packages: string;
  times: TryTimes;
  /** uploads take their turn */
  uploads: Slots;
  signal: AbortSignal;
}

/** @throws BootstrapFault, and whatever `tell` throws */
export async function bringAgent(
  target: Target,
  options: TryOptions,
  coordination: Coordination,
): Promise<void> {
  const { login, become } = target;
  const way = become.mode === 'direct' ? '' : `, who becomes ${become.user} by ${become.mode}`;
  if (!target.isToldAlready)
    await coordination.tell({
      type: 'milestone',
      subtype: 'bootstrap-started',
      message: `Node ${target.nodeName} has no agent: one is brought to ${login.host}:${login.port} over SSH as ${login.user}${way}`,
    });
  const session = await SshSession.open(login, {
    connectWithinMs: options.times.connectWithinMs,
    signal: options.signal,
    trust: async (fingerprint, keyType) => {
      await checkHost(target, { fingerprint, keyType }, coordination);
      await pinHost(target, { fingerprint, keyType }, coordination);
    },
  });
  try {
    await new Try(target, session, options, coordination).run();
  } finally {
    session.close();
  }
}

type AgentPackage = Awaited<ReturnType<typeof agentPackage>> & { format: PackageFormat };

class Try {
  readonly #target: Target;
  readonly #session: SshSession;
  readonly #options: TryOptions;
  readonly #coordination: Coordination;

  constructor(target: Target, session: SshSession, options: TryOptions, coordination: Coordination) {
    this.#target = target;
    this.#session = session;
    this.#options = options;
    this.#coordination = coordination;
  }

  async run(): Promise<void> {
    const facts = await this.#look();
    if (facts.enrolledAs !== null && facts.enrolledAs !== this.#target.nodeId)
      throw new BootstrapFault(
        'enrolled-elsewhere',
        `The agent on ${this.#session.name} is enrolled already, as node ${this.#quoted(facts.enrolledAs)}: to have it serve this one stop it, and remove /var/lib/ringmaster-agent/identity`,
      );
    const missing = facts.agentVersion === null ? await this.#choose(facts) : null;
    await this.#coordination.entered();
    if (missing !== null) {
      await this.#install(missing);
      await this.#look();
    }
    if (facts.enrolledAs === null) await this.#enrol();
    else if (!(await this.#isLetIn(facts))) {
      await this.#asRoot(FORGET_IDENTITY, 'enrol-failed', 'does not let go of the certificate of its agent');
      await this.#enrol();
    }
    await this.#start();
  }

  /** One whose certificate has run out, has given way to another, or is spoilt, would dial for ever. */
  async #isLetIn({ certificate }: HostFacts): Promise<boolean> {
    if (certificate === null) return true; // nobody can tell
    const read = readCertificate(certificate.replaceAll('\\n', '\n'));
    if (read === null || Date.parse(read.validTo) <= Date.now()) return false;
    return await this.#coordination.isGoodCertificate(read.serialNumber);
  }

  async #look(): Promise<HostFacts> {
    const facts = readHostFacts(await this.#asRoot(LOOK, 'install-failed', 'cannot be looked at'));
    if (facts.uid !== 0)
      throw new BootstrapFault(
        'not-root',
        `On ${this.#session.name} commands run as user ${facts.uid}, and an agent is installed by root: have the machine credential become root (become-mode, become-user)`,
      );
    if (!facts.hasSystemd)
      throw new BootstrapFault(
        'no-systemd',
        `${this.#session.name} has no systemd, and the agent is a service of it`,
      );
    // Without an agent it is dpkg's own mask perhaps, which it takes away itself when it installs one.
    if (facts.agentVersion !== null && facts.unmask !== null)
      throw new BootstrapFault(
        'service-masked',
        `ringmaster-agent.service is masked on ${this.#session.name}: \`systemctl ${facts.unmask} ringmaster-agent.service\` allows it to be started, then run the job again`,
      );
    return facts;
  }

  /** The package for this host, which has room for it. */
  async #choose(facts: HostFacts): Promise<AgentPackage> {
    const { name } = this.#session;
    if (facts.format === null)
      throw new BootstrapFault(
        'unknown-package-format',
        `${name} has neither apt nor rpm: there is no agent package for it`,
      );
    const { packages } = this.#options;
    const shown = `${name}, which is ${this.#quoted(facts.machine)}`;
    const host = { format: facts.format, machine: facts.machine, name: shown };
    const chosen = await agentPackage(packages, host);
    const room = tooLittleRoom(chosen.bytes, facts);
    if (room !== null)
      throw new BootstrapFault(
        'no-space',
        `${name} has too little room for the agent: ${room.freeMib} MiB free in ${room.place}, ${room.neededMib} MiB needed`,
      );
    return { ...chosen, format: facts.format };
  }

  async #install(chosen: AgentPackage): Promise<void> {
    const { name } = this.#session;
    const { times } = this.#options;
    const directory = uploadDirectory(this.#target.tryId);
    const made = await this.#session.run(MAKE_UPLOAD_DIRECTORY, times.commandWithinMs, [directory]);
    if (made.exitCode !== 0)
      throw new BootstrapFault(
        'install-failed',
        `${name} has no place for an upload: ${this.#quoted(`${made.stdout}\n${made.stderr}`)}`,
      );
    const path = `${directory}/${chosen.name}`;
    try {
      await this.#options.uploads.within(() =>
        this.#session.upload(chosen.path, path, times.installWithinMs),
      );
      const args = [path, chosen.sha256, chosen.format];
      const installed = await onceUnlocked(
        () =>
          this.#session.runAsRoot(this.#target.become, INSTALL, { args, withinMs: times.installWithinMs }),
        {
          name,
          withinMs: times.lockWithinMs,
          signal: this.#options.signal,
          quoted: (output) => this.#quoted(output),
          tell: (event) => this.#coordination.tell(event),
        },
      );
      this.#good(installed, 'install-failed', `does not install ${chosen.name}`);
    } finally {
      await this.#session.run(`rm -rf ${quote(directory)}`, times.commandWithinMs).catch(() => {}); // a try of another day removes it
    }
    await this.#coordination.tell({
      type: 'check',
      subtype: 'agent-installed',
      message: `Installed ${chosen.name} on ${name} (${chosen.bytes} bytes, SHA-256 ${chosen.sha256})`,
      changes: true,
    });
  }

  async #enrol(): Promise<void> {
    const bundle = await this.#coordination.makeBundle();
    await this.#asRoot(ENROL, 'enrol-failed', 'does not enrol its agent', { input: bundle, secret: bundle });
    await this.#coordination.tell({
      type: 'check',
      subtype: 'agent-enrolled',
      message: `Enrolled the agent on ${this.#session.name} as this node`,
      changes: true,
    });
  }

  /** Its run may begin, and this try be taken from us, before we see that it has connected. */
  async #start(): Promise<void> {
    await this.#asRoot(START, 'install-failed', 'does not start its agent');
    await this.#coordination.tell({
      type: 'check',
      subtype: 'agent-started',
      message: `Started the agent on ${this.#session.name}: the job goes on once it has connected`,
      changes: true,
    });
    const { times, signal } = this.#options;
    const until = performance.now() + times.connectedWithinMs;
    while (!(await this.#coordination.isConnected())) {
      if (performance.now() > until) throw await this.#notConnected();
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, CONNECTED_EVERY_MS));
    }
  }

  async #notConnected(): Promise<BootstrapFault> {
    const { become } = this.#target;
    const { commandWithinMs, connectedWithinMs } = this.#options.times;
    const { stdout } = await this.#session.runAsRoot(become, STATUS, { withinMs: commandWithinMs });
    return new BootstrapFault(
      'not-connected',
      `The agent on ${this.#session.name} was started and did not connect within ${connectedWithinMs / 1_000} s: ${this.#quoted(stdout)}`,
    );
  }

  /** @returns what the script printed @throws BootstrapFault with the end of it when it exits with anything but 0 */
  async #asRoot(
    script: string,
    kind: 'install-failed' | 'enrol-failed',
    problem: string,
    given: { args?: readonly string[]; input?: string; secret?: string; withinMs?: number } = {},
  ): Promise<string> {
    const { args = [], input = '', secret = '', withinMs = this.#options.times.commandWithinMs } = given;
    const ended = await this.#session.runAsRoot(this.#target.become, script, { args, input, withinMs });
    return this.#good(ended, kind, problem, secret);
  }

  #good(ended: Ended, kind: 'install-failed' | 'enrol-failed', problem: string, secret = ''): string {
    if (ended.exitCode === 0) return ended.stdout;
    const said = this.#quoted(`${ended.stdout}\n${ended.stderr}`, secret);
    const isFull = /No space left on device|not enough free space|needs \d+\S* on the/i.test(said);
    throw new BootstrapFault(isFull ? 'no-space' : kind, `${this.#session.name} ${problem}: ${said}`);
  }

  #quoted(output: string, secret = ''): string {
    const { login, become } = this.#target;
    return quoted(output, [secret, login.password, login.passphrase, become.password]);
  }
}
