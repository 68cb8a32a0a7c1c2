import { describe, expect, it } from '@jest/globals';
import { parseRegQuery } from '../../../../src/preflight/agent/reg-query.ts';
import { UnreadableError } from '../../../../src/preflight/guest-files.ts';

const SERVICE = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\viostor';

describe('what reg.exe prints', () => {
  it('is keys with their values, of every type', () => {
    const text = [
      '',
      SERVICE,
      '    (Default)    REG_SZ    (value not set)',
      '    Type    REG_DWORD    0x1',
      '    Start    REG_DWORD    0x0',
      '    Tag    REG_DWORD    0xFFFFFFFF',
      '    Group    REG_SZ    SCSI miniport',
      '    ImagePath    REG_EXPAND_SZ    \\SystemRoot\\System32\\drivers\\viostor.sys',
      '    Owners    REG_MULTI_SZ    oem3.inf\\0oem4.inf',
      '    Blob    REG_BINARY    01FF0000',
      '    Large    REG_QWORD    0x10',
      '    Empty    REG_SZ    ',
      '    Nothing    REG_NONE    ',
      '    A name with    four blanks    REG_SZ    REG_SZ    1',
      '',
      `${SERVICE}\\Parameters`,
      '',
    ].join('\r\n');
    const [service, parameters, ...more] = parseRegQuery(text);
    expect(service?.path).toBe('SYSTEM\\CurrentControlSet\\Services\\viostor');
    expect(Object.fromEntries(service?.values ?? [])).toEqual({
      '': '(value not set)',
      type: 1,
      start: 0,
      tag: 0xffff_ffff,
      group: 'SCSI miniport',
      imagepath: '\\SystemRoot\\System32\\drivers\\viostor.sys',
      owners: ['oem3.inf', 'oem4.inf'],
      blob: Buffer.from([1, 255, 0, 0]),
      large: Buffer.alloc(0),
      empty: '',
      nothing: Buffer.alloc(0),
      'a name with    four blanks': 'REG_SZ    1',
    });
    expect([parameters?.path, parameters?.values.size, more]).toEqual([
      'SYSTEM\\CurrentControlSet\\Services\\viostor\\Parameters',
      0,
      [],
    ]);
  });

  it('is the same in any language', () => {
    for (const name of ['(Standard)', '(par défaut)', '(по умолчанию)', '<NO NAME>']) {
      const text = `\r\n${SERVICE}\r\n    ${name}    REG_SZ    x\r\n\r\nSuchvorgang abgeschlossen: 1 gefunden.\r\n`;
      expect(Object.fromEntries(parseRegQuery(text)[0]?.values ?? [])).toEqual({ '': 'x' });
    }
  });

  it('has tabs in Windows XP and Server 2003', () => {
    const text = `\r\n! REG.EXE VERSION 3.0\r\n\r\n${SERVICE}\r\n    Start\tREG_DWORD\t0x0\r\n    Group\tREG_SZ\tSCSI miniport\r\n`;
    expect(Object.fromEntries(parseRegQuery(text)[0]?.values ?? [])).toEqual({ start: 0, group: 'SCSI miniport' });
  });

  it.each([
    ['a number that is none', '    Start    REG_DWORD    zero', 'zero'],
    ['a number that is too long', '    Start    REG_DWORD    0x100000000', '0x100000000'],
    ['bytes that are none', '    Start    REG_BINARY    0', Buffer.alloc(0)],
  ])('never is a number where it says %s', (_, line, value) => {
    expect(parseRegQuery(`${SERVICE}\r\n${line}\r\n`)[0]?.values.get('start')).toEqual(value);
  });

  it('may be nothing, for a key without values', () => {
    expect(parseRegQuery('')).toEqual([]);
    expect(parseRegQuery('\r\n\r\n')).toEqual([]);
  });

  it('is refused where it is nothing of the kind, or without end', () => {
    expect(() => parseRegQuery('Segmentation fault')).toThrow(UnreadableError);
    expect(() => parseRegQuery('    Start    REG_DWORD    0x0\r\n')).toThrow(UnreadableError);
    expect(() => parseRegQuery('HKEY_CURRENT_USER\\Software\r\n')).toThrow(UnreadableError);
    expect(() => parseRegQuery(`${SERVICE}\r\n`.repeat(50_001))).toThrow('more keys than any system needs');
  });
});
