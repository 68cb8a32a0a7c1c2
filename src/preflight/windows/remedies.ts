import type { ServiceFault } from './judge-service.ts';
import { installCommand } from './virtio-win.ts';
import { isBeforeVista, type WindowsVersion } from './windows-version.ts';

const LIKELY_HINT = 'take it on with --require-evidence likely --reason TEXT';

export const READ_FILES_HINT = `Let the agent read files (guest-file-open, guest-file-read, guest-file-close), or let virtioize inspect the guest while it is off; or ${LIKELY_HINT}.`;

export const MOVE_TO_PC_HINT = "Give the guest the machine type 'pc' first, see that it starts, then try again.";

interface HintRequest {
  readonly version: WindowsVersion;
  readonly guest: string;
}

/** What lets Windows bind a driver that it has. */
export function bindHint(guest: string): string {
  return `${primeCommand(guest)} shows Windows a small virtio disk, so that it binds the driver; or ${LIKELY_HINT}.`;
}

/** How the driver gets into this Windows, and how it is bound afterwards. */
export function installHint(version: WindowsVersion, guest: string): string {
  const devcon = isBeforeVista(version) ? " and Microsoft's devcon" : '';
  return `Inside the guest, as administrator, with virtio-win's ISO as drive E:${devcon}: ${installCommand(version)} -- then on the host: ${primeCommand(guest)}`;
}

/** A signed driver comes with virtio-win; test mode is not to be seen from here. */
export function signHint({ version, guest }: HintRequest): string {
  return `${installHint(version, guest)}; or, where Windows runs in test mode, ${LIKELY_HINT}.`;
}

/** What mends a driver's service. */
export function faultHint(fault: ServiceFault, service: string, { version, guest }: HintRequest): string {
  if (fault === 'missing') return installHint(version, guest);
  if (fault === 'staged')
    return `${primeCommand(guest)} shows Windows a small virtio disk, so that it installs the driver.`;
  const key = `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${commandWord(service, 'SERVICE')}`;
  const command =
    fault === 'overridden' ? `reg delete ${key}\\StartOverride /f` : `reg add ${key} /v Start /t REG_DWORD /d 0 /f`;
  return `Inside the guest, as administrator: ${command} -- then try again.`;
}

function primeCommand(guest: string): string {
  return `virtioize prime ${commandWord(guest, 'GUEST')}`;
}

/** A command for people to copy never holds what a shell would take for its own. */
function commandWord(text: string, otherwise: string): string {
  return /^[\w.:@+][\w.:@+-]{0,99}$/.test(text) ? text : otherwise;
}
