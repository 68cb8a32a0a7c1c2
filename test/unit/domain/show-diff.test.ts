import { describe, expect, it } from '@jest/globals';
import { rewriteDefinition } from '../../../src/domain/rewrite.ts';
import { showDiff } from '../../../src/domain/show-diff.ts';
import { domainXml } from '../../definitions/domain-xml.ts';

const graphics = "\n    <graphics type='vnc' port='-1' passwd='s3cret'/>";

describe('the diff of a definition', () => {
  it('shows the disk and nothing else, quoted as libvirt does', () => {
    const before = domainXml({ name: "it's &quot;x&quot;", disks: [{ target: 'hda', bus: 'ide' }] });
    const { definition = '' } = rewriteDefinition(before, { buses: new Set(['ide']), naming: 'free' });
    const changed = showDiff(before, definition)
      .split('\n')
      .filter((line) => /^[-+](?![-+])/.test(line));
    expect(changed.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      "- <target dev='hda' bus='ide'/>",
      "- <address type='drive' controller='0' bus='0' target='0' unit='0'/>",
      "+ <target dev='vda' bus='virtio'/>",
    ]);
  });

  it('hides passwords and cookies, also where they differ', () => {
    const cookie = '<source><cookies><cookie name="c">c00kie</cookie></cookies></source>';
    const before = domainXml({ disks: [{ target: 'hda', bus: 'ide' }], devices: graphics + cookie });
    const after = before.replace("port='-1'", "port='1'").replace('s3cret', 'other1').replace('c00kie', 'b1scuit');
    const diff = showDiff(before, after);
    expect(diff).not.toMatch(/s3cret|other1|c00kie|b1scuit/);
    expect(diff).toContain("passwd='***'");
  });

  it('is empty where only quotes differ', () => {
    const text = domainXml({ disks: [] });
    expect(showDiff(text, text.replaceAll("'", '"'))).toBe('');
  });
});
