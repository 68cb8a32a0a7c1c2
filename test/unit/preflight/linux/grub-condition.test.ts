import { describe, expect, it } from '@jest/globals';
import { conditionHolds } from '../../../../src/preflight/linux/grub-condition.ts';
import { readCommands } from '../../../../src/preflight/linux/grub-words.ts';

describe("a condition in GRUB's script", () => {
  it.each([
    'true',
    '[ "$one" ]',
    '[ $one ]',
    `[ "\${one}" = "1" ]`,
    '[ "$one" == 1 ]',
    "[ x$one = 'x1' ]",
    '[ "$one" != 2 ]',
    '[ -n "$one" ]',
    '[ -z "$unset" ]',
    '[ ! "$unset" ]',
    '[ ! -n "$unset" ]',
    '[ "$one" -a -z "$unset" ]',
    '[ "$unset" -o "$one" = 1 ]',
    '[ -e /a -o "$one" ]',
  ])('holds: %s', (text) => {
    expect(evaluate(text)).toBe(true);
  });

  it.each([
    'false',
    '[ ]',
    '[ "$unset" ]',
    '[ $unset ]',
    '[ "$one" = 2 ]',
    '[ "$one" != 1 ]',
    '[ x"$one" = 1 ]',
    '[ -n "$unset" ]',
    '[ -z "$one" ]',
    '[ ! "$one" ]',
    '[ "$one" -a "$unset" ]',
    '[ "$unset" -o "$one" = 2 ]',
    '[ -e /a -a "$unset" ]',
  ])('does not hold: %s', (text) => {
    expect(evaluate(text)).toBe(false);
  });

  it.each([
    'loadfont unicode',
    'search --fs-uuid 5f2c',
    'true false',
    '[ -e /boot/x ]',
    '[ ! -s $prefix/grubenv ]',
    '[ "$grub_platform" = "efi" ]',
    '[ x"$feature_menuentry_id" = xy ]',
    '[ "$unsure" ]',
    '[ -n "$unsure" ]',
    '[ "$one" -a "$unsure" ]',
    '[ "$unset" -o -f /a ]',
    '[ "$one" -nt 2 ]',
    '[ "$one" -gt 2 ]',
    '[ ! ! "$one" ]',
    '[ "$one"',
  ])('can not be told: %s', (text) => {
    expect(evaluate(text)).toBeUndefined();
  });
});

function evaluate(text: string): boolean | undefined {
  const variables = new Map([
    ['one', '1'],
    ['unsure', undefined],
  ]);
  return conditionHolds(readCommands(text)[0] ?? [], variables);
}
