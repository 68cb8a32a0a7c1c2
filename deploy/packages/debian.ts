import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import {
  commonFiles,
  compress,
  type Licences,
  layOut,
  type PackagedFile,
  type Release,
  readLicences,
  type Workplace,
} from './contents.ts';
import { DESCRIPTION, maintainer, SUMMARY } from './description.ts';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const PLACES = { units: '/lib/systemd/system', zshCompletions: '/usr/share/zsh/vendor-completions' };
const DOCUMENTATION = '/usr/share/doc/virtioize';

/** virsh; flock, prlimit, timeout and their like are in packages that every Debian has. The rest is what Node is linked to. */
const NEEDS = ['libvirt-clients', 'libc6 (>= 2.28)', 'libgcc-s1 | libgcc1', 'libstdc++6 (>= 5.2)'];
/** Those look into guests that are off. */
const RECOMMENDS = ['libguestfs-tools', 'libhivex-bin', 'qemu-utils', 'xz-utils', 'zstd'];
const SUGGESTS = ['libvirt-daemon-system', 'bzip2', 'lz4', 'lzop'];

/** Make the package for Debian and Ubuntu in `output`, and return its file. */
export async function makeDebianPackage(
  release: Release,
  { executable, scratch, output, isQuick }: Workplace,
): Promise<string> {
  const root = join(scratch, 'debian');
  await rm(root, { recursive: true, force: true });
  const files = [
    ...(await commonFiles(release, PLACES, executable)),
    ...(await documents(release, await readLicences(scratch))),
    {
      path: '/usr/share/lintian/overrides/virtioize',
      data: await readFile('deploy/packages/debian/lintian-overrides'),
    },
  ];
  await layOut(files, root, release.date);
  await mkdir(join(root, 'DEBIAN'), { mode: 0o755 });
  await writeFile(join(root, 'DEBIAN/control'), control(release, files));
  await writeFile(join(root, 'DEBIAN/md5sums'), files.map(checksum).join(''));
  for (const script of SCRIPTS) {
    await copyFile(join('deploy/packages/debian', script), join(root, 'DEBIAN', script));
    await chmod(join(root, 'DEBIAN', script), 0o755);
  }
  const file = join(output, `virtioize_${release.version}-${release.revision}_amd64.deb`);
  const epoch = String(release.date.getTime() / 1000);
  await execa('dpkg-deb', ['--root-owner-group', ...(isQuick ? ['-Zgzip', '-z1'] : ['-Zxz']), '--build', root, file], {
    env: { SOURCE_DATE_EPOCH: epoch },
  });
  return file;
}

function control({ version, revision }: Release, files: readonly PackagedFile[]): string {
  const kilobytes = files.reduce((sum, { data }) => sum + Math.ceil(Buffer.byteLength(data) / 1024), 0);
  return `Package: virtioize
Version: ${version}-${revision}
Architecture: amd64
Maintainer: ${maintainer()}
Installed-Size: ${kilobytes}
Depends: ${NEEDS.join(', ')}
Recommends: ${RECOMMENDS.join(', ')}
Suggests: ${SUGGESTS.join(', ')}
Section: admin
Priority: optional
Description: ${SUMMARY}
${DESCRIPTION.split('\n')
  .map((line) => (line === '' ? ' .' : ` ${line}`))
  .join('\n')}
`;
}

async function documents({ version, revision, date }: Release, { node, libraries }: Licences): Promise<PackagedFile[]> {
  const entry = `virtioize (${version}-${revision}) unstable; urgency=medium

  * Packaged with Node, of which the host needs none; changelog.gz tells what
    is new in virtioize.

 -- ${maintainer()}  ${date.toUTCString().replace('GMT', '+0000')}
`;
  const copyright = `virtioize is licensed under the Apache License, Version 2.0, which on Debian
systems is in /usr/share/common-licenses/Apache-2.0.

Copyright: the authors of virtioize.

/usr/bin/virtioize also holds what follows, on the terms that follow.

${'='.repeat(78)}
Node.js, and what it is made of

${node}
${'='.repeat(78)}
Libraries of JavaScript

${libraries}`;
  return [
    { path: `${DOCUMENTATION}/changelog.Debian.gz`, data: compress(entry) },
    { path: `${DOCUMENTATION}/changelog.gz`, data: compress(await readFile('CHANGELOG.md')) },
    { path: `${DOCUMENTATION}/copyright`, data: copyright },
  ];
}

function checksum({ path, data }: PackagedFile): string {
  return `${createHash('md5').update(data).digest('hex')}  ${path.slice(1)}\n`;
}
