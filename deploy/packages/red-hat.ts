import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { commonFiles, layOut, type PackagedFile, type Release, readLicences, type Workplace } from './contents.ts';
import { DESCRIPTION, maintainer, SUMMARY } from './description.ts';

const PLACES = { units: '/usr/lib/systemd/system', zshCompletions: '/usr/share/zsh/site-functions' };
const LICENCES = '/usr/share/licenses/virtioize';

/** Those that go with the package. */
const FOLDERS = [LICENCES, '/usr/share/doc/virtioize', '/usr/share/doc/virtioize/examples'];

/** By what they install: the packages have different names from one distribution to the next. */
const NEEDS = ['virsh', 'flock', 'prlimit', 'timeout', 'stdbuf'].map((program) => `/usr/bin/${program}`);
const RECOMMENDS = ['guestfish', 'hivexregedit', 'qemu-img', 'xz', 'zstd'].map((program) => `/usr/bin/${program}`);

/** Make the package for RHEL, Fedora, SUSE and their like in `output`, and return its file. */
export async function makeRedHatPackage(
  release: Release,
  { executable, scratch, output, isQuick }: Workplace,
): Promise<string> {
  const top = join(scratch, 'red-hat');
  await rm(top, { recursive: true, force: true });
  const { own, node, libraries } = await readLicences(scratch);
  const files: PackagedFile[] = [
    ...(await commonFiles(release, PLACES, executable)),
    { path: '/usr/share/doc/virtioize/CHANGELOG.md', data: await readFile('CHANGELOG.md') },
    { path: `${LICENCES}/LICENSE`, data: own },
    { path: `${LICENCES}/LICENSE.node`, data: node },
    { path: `${LICENCES}/THIRD-PARTY-NOTICES.txt`, data: libraries },
  ];
  await layOut(files, join(top, 'files'), release.date);
  await writeFile(join(top, 'virtioize.spec'), await specification(release, files));
  const settings = [...SETTINGS, `_topdir ${top}`, `_binary_payload ${isQuick ? 'w1.gzdio' : 'w6T0.xzdio'}`];
  const words = ['-bb', '--quiet', '--target=x86_64', ...settings.flatMap((setting) => ['--define', setting])];
  const epoch = String(release.date.getTime() / 1000);
  await mkdir(join(top, 'BUILD'));
  await execa('rpmbuild', [...words, join(top, 'virtioize.spec')], { env: { SOURCE_DATE_EPOCH: epoch } });
  const [made = ''] = await readdir(join(top, 'RPMS/x86_64'));
  await copyFile(join(top, 'RPMS/x86_64', made), join(output, made));
  return join(output, made);
}

/** That the same source makes the same package, and that nobody works on the executable: strip would damage it. */
const SETTINGS = [
  'use_source_date_epoch_as_buildtime 1',
  'clamp_mtime_to_source_date_epoch 1',
  '_buildhost localhost',
  '__os_install_post %{nil}',
  'debug_package %{nil}',
  '_build_id_links none',
];

async function specification({ version, revision }: Release, files: readonly PackagedFile[]): Promise<string> {
  const scripts = await Promise.all(
    ['post', 'preun', 'postun'].map(async (name) => {
      const text = await readFile(`deploy/packages/red-hat/${name}`, 'utf8');
      return `%${name}\n${text.trimEnd()}`;
    }),
  );
  return `Name: virtioize
Version: ${version}
Release: ${revision}
Summary: ${SUMMARY.replace(/^m/, 'M')}
License: Apache-2.0 AND MIT
Packager: ${maintainer()}
${NEEDS.map((path) => `Requires: ${path}`).join('\n')}
${RECOMMENDS.map((path) => `Recommends: ${path}`).join('\n')}

%description
${DESCRIPTION}

%install
cp -a %{_topdir}/files/. %{buildroot}

${scripts.join('\n\n')}

%files
%defattr(-,root,root,-)
${FOLDERS.map((path) => `%dir ${path}`).join('\n')}
${files.map(listed).join('\n')}
`;
}

function listed({ path }: PackagedFile): string {
  if (path.startsWith(LICENCES)) return `%license ${path}`;
  return /^\/usr\/share\/(?:doc|man)\//.test(path) ? `%doc ${path}` : path;
}
