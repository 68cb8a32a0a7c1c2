import { describe, expect, it } from '@jest/globals';
import { readErrors, stripPrompts } from '../../../src/virsh/answer.ts';
import { createConversation } from '../../../src/virsh/conversation.ts';
import { quoteCommand } from '../../../src/virsh/quote.ts';

const mark = { left: 'ab', right: 'cd' };
const echoes = "\nvirsh # echo --err ab''cd; echo ab''cd\n\n";

describe('what virsh prints', () => {
  it.each([
    ['a first answer, after the banner', `Welcome to virsh\n\nvirsh # uri\nqemu:///system\n${echoes}`, /^Welcome/],
    ['a later answer', `\nvirsh # uri\nqemu:///system\n${echoes}`, /^qemu:\/\/\/system\n$/],
    [
      'an answer on a connection that may only read',
      `\nvirsh > uri\nqemu:///system\n${echoes.replaceAll('#', '>')}`,
      /^qemu:\/\/\/system\n$/,
    ],
    [
      'a typed line that was wrapped',
      `\nvirsh # dumpxml --inactive aaaaaaaaaaaaaaaaaaaaaaa\raaaaaaa\n<domain/>\n${echoes}`,
      /^<domain\/>\n$/,
    ],
    ['no answer at all', `\nvirsh # snapshot-list x\n${echoes}`, /^$/],
    [
      'a virsh without readline, which does not echo',
      '\nvirsh # qemu:///system\n\nvirsh # \n',
      /^qemu:\/\/\/system\n+$/,
    ],
  ])('is read without its prompts: %s', (_, text, expected) => {
    expect(stripPrompts(text, mark)).toMatch(expected);
  });

  it('counts as an error only where virsh says so', () => {
    const stderr =
      "2026-01-01 00:00:00.000+0000: 1: warning : taint\nerror: Failed to define\nerror: \nerror: Reconnected to the hypervisor\nerror: XML error: passwd='s3cret' is bad\n";
    expect(readErrors(stderr)).toEqual(['Failed to define', "XML error: passwd='***' is bad"]);
  });
});

describe('a command line for virsh', () => {
  it('quotes every word that is not plain', () => {
    expect(quoteCommand(['define', "/tmp/it's a file; #1.xml"])).toBe(`define '/tmp/it'\\''s a file; #1.xml'`);
    expect(quoteCommand(['dumpxml', '--inactive', ''])).toBe("dumpxml --inactive ''");
  });

  it.each(['a\tb', 'a\nb', 'a\u001bb', 'a\u007fb'])(
    'refuses control characters, which readline would execute: %j',
    (word) => {
      expect(() => quoteCommand([word])).toThrow('control character');
    },
  );
});

describe('a conversation', () => {
  const say = (lines: string, stdout: string, stderr = '') => {
    const word = /echo (\w+''[\w-]+)\n$/.exec(lines)?.[1] ?? '';
    const text = word.replace("''", '');
    return {
      out: `virsh # x\n${stdout}\nvirsh # echo --err ${word}; echo ${word}\n\n${text}\n`,
      err: `${stderr}${text}\n`,
    };
  };

  it('gives each command its own answer, however the pieces arrive', async () => {
    const conversation = createConversation(() => {});
    const [first, second] = [conversation.ask(['one']), conversation.ask(['two'])];
    const [one, two] = [say(first.lines, 'first'), say(second.lines, 'second', 'error: bad\n')];
    for (const piece of (one.out + two.out).match(/[\s\S]{1,3}/g) ?? []) conversation.receive('stdout', piece);
    for (const piece of (one.err + two.err).match(/[\s\S]{1,5}/g) ?? []) conversation.receive('stderr', piece);
    expect(await first.answer).toEqual({ stdout: 'first', errors: [] });
    expect(await second.answer).toEqual({ stdout: 'second', errors: ['bad'] });
  });

  it('is not fooled by output that looks like its marks', async () => {
    const conversation = createConversation(() => {});
    const { lines, answer } = conversation.ask(['one']);
    const { out, err } = say(lines, "virsh # echo mark''000\nmark000");
    conversation.receive('stdout', out);
    conversation.receive('stderr', err);
    expect((await answer).stdout).toBe("virsh # echo mark''000\nmark000");
  });

  it('ends with an error where virsh prints without end', async () => {
    let flooded = 0;
    const conversation = createConversation(() => flooded++);
    const { answer } = conversation.ask(['one']);
    const failed = expect(answer).rejects.toMatchObject({ code: 'command-failed' });
    for (let chunk = 0; chunk < 70; chunk++) conversation.receive('stdout', 'x'.repeat(1024 * 1024));
    await failed;
    expect(flooded).toBe(1);
  });
});
