import { describe, expect, it } from '@jest/globals';
import { readText, UnreadableError } from '../../../../src/preflight/guest-files.ts';
import { hideUnmounted } from '../../../../src/preflight/offline/hide-unmounted.ts';
import { memoryFiles } from '../memory-files.ts';

const FSTAB = 'UUID=1 / ext4 defaults 0 1\n/dev/sdz1 /boot/ ext4 defaults 0 2\n';

describe('a file system that could not be mounted', () => {
  it('hides what the root file system has in its place: that is not what boots', async () => {
    const system = memoryFiles({ '/etc/fstab': FSTAB, '/boot/grub/grub.cfg': 'old', '/bootleg': 'other' });
    const seen = await hideUnmounted(system, new Set(['/']));
    await expect(seen.open('/boot/grub/grub.cfg')).rejects.toThrow(UnreadableError);
    await expect(seen.list('/boot')).rejects.toThrow('/boot lies on /boot, which could not be mounted');
    expect(await readText(seen, '/bootleg')).toBe('other');
    expect(await readText(seen, '/etc/fstab')).toBe(FSTAB);
  });

  it('hides nothing once it is mounted', async () => {
    const system = memoryFiles({ '/etc/fstab': FSTAB, '/boot/grub/grub.cfg': 'new' });
    const seen = await hideUnmounted(system, new Set(['/', '/boot']));
    expect(await readText(seen, '/boot/grub/grub.cfg')).toBe('new');
  });

  it('hides the modules too, where they lie in a /usr of its own', async () => {
    const system = memoryFiles({ '/etc/fstab': '/dev/x /usr ext4 defaults 0 0', '/lib/modules/1/modules.dep': '' });
    await expect((await hideUnmounted(system, new Set(['/']))).open('/lib/modules/1/modules.dep')).rejects.toThrow(
      '/usr',
    );
  });

  it('that is no place on a disk hides nothing', async () => {
    const system = memoryFiles({ '/etc/fstab': 'UUID=2 none swap sw 0 0', '/none': 'x' });
    expect(await readText(await hideUnmounted(system, new Set(['/'])), '/none')).toBe('x');
  });
});
