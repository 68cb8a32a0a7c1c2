import { type GuestFiles, orUnreadable, UnreadableError } from '../guest-files.ts';

/** Names that no system has. */
const NOBODY = 'virtioize-has-no-such-file';

/**
 * The files of a Windows volume by paths with slashes and without its letter: `/Windows/explorer.exe` for
 * `C:\Windows\explorer.exe`.
 * @param files that take paths as Windows has them.
 * @param systemRoot `/Windows`.
 */
export function windowsFiles(files: GuestFiles, drive: string, systemRoot: string): GuestFiles {
  const toWindows = (path: string): string => `${drive}${path.replaceAll('/', '\\')}`;

  /**
   * The agent says why it can't open a file in the system's language: compared with what it says of no file at all. What
   * does not name the file (the agent is silent, the command blocked) says nothing of it.
   */
  async function isComplaintOfAbsence(complaint: string, path: string): Promise<boolean> {
    if (!complaint.includes(path)) return false;
    for (const nobody of [`${systemRoot}/${NOBODY}`, `/${NOBODY}/${NOBODY}`].map(toWindows)) {
      const answer = await orUnreadable(() => files.open(nobody));
      if (answer instanceof UnreadableError && answer.message.replaceAll(nobody, path) === complaint) return true;
    }
    return false;
  }

  async function openFile(path: string): Promise<AsyncIterable<Buffer> | undefined> {
    const file = toWindows(path);
    const content = await orUnreadable(() => files.open(file));
    if (!(content instanceof UnreadableError)) return content;
    if (await isComplaintOfAbsence(content.message, file)) return undefined;
    throw content;
  }

  return {
    async open(path) {
      const content = await openFile(path);
      const [, inSystem] = /^\/[^/]+\/System32(\/.*)$/i.exec(path) ?? [];
      // An agent of 32 bits sees another folder as System32, and the real one as Sysnative.
      return content ?? (inSystem === undefined ? undefined : openFile(`${systemRoot}/Sysnative${inSystem}`));
    },
    list: (folder) => files.list(toWindows(folder)),
  };
}
