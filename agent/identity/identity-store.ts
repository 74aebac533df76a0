// The agent's identity on disk: one file, so that it is there whole or not at all.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { rootReason } from '../../shared/errors.ts';
import { isNoSpace } from '../disk/log-file.ts';
import { syncDirectory } from '../disk/sync-directory.ts';
import { checkIdentity, type Identity } from './identity.ts';

const FILE = 'identity.json';
const MOST_BYTES = 65_536;

export class IdentityStore {
  readonly #directory: string;
  readonly #path: string;
  readonly #draft: string;

  /** @param directory the identity's own; `prepare` and `save` make it and close it to others (mode 0700) */
  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, FILE);
    this.#draft = `${this.#path}.new`;
  }

  /**
   * @returns null when this agent is not enrolled
   * @throws Error when the file is damaged or others may read it: enrolling anew is a person's decision
   */
  async load(): Promise<Identity | null> {
    const text = await this.#read();
    if (text === null) return null;
    let stored: unknown;
    try {
      stored = JSON.parse(text);
    } catch {
      throw new Error(`${this.#path} is damaged: remove it and enrol this agent again`); // no cause: it quotes the key
    }
    try {
      return checkIdentity(stored);
    } catch (cause) {
      throw new Error(`${this.#path} is unsound: remove it and enrol this agent again`, { cause });
    }
  }

  /**
   * Takes the space on disk that `save` will need, for an identity that can be asked for only once; safe to repeat.
   * @throws Error when the directory cannot be written to or has no room
   */
  async prepare(): Promise<void> {
    // random: a file system that compresses would keep no room for a run of zeros
    await this.#writeDraft(randomBytes(MOST_BYTES));
    await syncDirectory(this.#directory);
  }

  /**
   * On disk, through a power cut, once this resolves; until then the former identity stands.
   * @throws InvalidInput when its parts do not belong together; nothing is written then
   */
  async save(identity: Identity): Promise<void> {
    const text = `${JSON.stringify(checkIdentity(identity), null, 2)}\n`;
    await this.#writeDraft(Buffer.from(text));
    await rename(this.#draft, this.#path);
    await syncDirectory(this.#directory);
  }

  /** Over what is there, so that the blocks that were prepared are used; a crash may have left one, cut short. */
  async #writeDraft(bytes: Buffer): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await chmod(this.#directory, 0o700);
      const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
      const handle = await open(this.#draft, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
      try {
        await handle.chmod(0o600);
        await handle.writeFile(bytes);
        await handle.truncate(bytes.length);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (cause) {
      const reason = isNoSpace(cause) ? 'no space is left' : rootReason(cause);
      throw new Error(`cannot write ${this.#draft}: ${reason}`, { cause });
    }
  }

  async #read(): Promise<string | null> {
    const handle = await open(this.#path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new Error(`cannot read ${this.#path}: ${rootReason(error)}`, { cause: error });
    });
    if (handle === null) return null;
    try {
      const found = await handle.stat();
      if (!found.isFile() || found.size > MOST_BYTES)
        throw new Error(`${this.#path} is not an identity file`);
      if ((found.mode & 0o077) !== 0) throw new Error(`${this.#path} is open to others: chmod 600 it`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  }
}
