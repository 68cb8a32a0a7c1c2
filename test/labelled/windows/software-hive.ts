import type { RegistryData, RegistryKeys } from '../../windows/registry-file.ts';
import type { Generation, WindowsSystem } from './windows-system.ts';

const NT = 'Microsoft\\Windows NT\\CurrentVersion';

const VERSIONS: Readonly<Record<Generation, Readonly<Record<string, RegistryData>>>> = {
  xp: { ProductName: 'Microsoft Windows XP', CurrentVersion: '5.1', CurrentBuildNumber: '2600' },
  '7': {
    ProductName: 'Windows 7 Professional',
    CurrentVersion: '6.1',
    CurrentBuildNumber: '7601',
    InstallationType: 'Client',
  },
  '10': { ...since10('Windows 10 Pro', '19045'), InstallationType: 'Client' },
  '2022': { ...since10('Windows Server 2022 Standard', '20348'), InstallationType: 'Server' },
};

/** The keys of a system's SOFTWARE hive by which inspectors know its generation. */
export function softwareHive({ generation, software }: WindowsSystem): RegistryKeys {
  const root = generation === 'xp' ? 'C:\\WINDOWS' : 'C:\\Windows';
  return {
    [NT]: { ...VERSIONS[generation], SystemRoot: root },
    'Microsoft\\Windows\\CurrentVersion': { ProgramFilesDir: 'C:\\Program Files' },
    ...software,
  };
}

/** 10 and its kin say 6.3 for the programs that know no more. */
function since10(name: string, build: string): Record<string, RegistryData> {
  return {
    ProductName: name,
    CurrentVersion: '6.3',
    CurrentMajorVersionNumber: 10,
    CurrentMinorVersionNumber: 0,
    CurrentBuildNumber: build,
  };
}
