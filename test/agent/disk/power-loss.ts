// Files as a power cut would leave them: what was written reaches the file only when it is synced.
import { type OpenLogFile, openLogFile } from '../../../agent/disk/log-file.ts';

export interface PowerLoss {
  openFile: OpenLogFile;
  /** How often anything was synced so far. */
  syncs(): number;
  /** Whether a file was ever opened while another held something unsynced: a cut would then tear the older one. */
  hasTornOlder(): boolean;
}

export function powerLoss(): PowerLoss {
  let syncs = 0;
  let tornOlder = false;
  const allUnsynced: unknown[][] = [];
  return {
    syncs: () => syncs,
    hasTornOlder: () => tornOlder,
    async openFile(path) {
      const file = await openLogFile(path);
      tornOlder ||= allUnsynced.some(({ length }) => length > 0);
      const unsynced: { bytes: Buffer; position: number }[] = [];
      allUnsynced.push(unsynced);
      return {
        ...file,
        async write(bytes, position) {
          unsynced.push({ bytes: Buffer.from(bytes), position });
        },
        async sync() {
          syncs++;
          for (const { bytes, position } of unsynced.splice(0)) await file.write(bytes, position);
          await file.sync();
        },
      };
    },
  };
}
