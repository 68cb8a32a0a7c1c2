import { describe, expect, it } from '@jest/globals';
import type { AgentPort } from '../../../../src/preflight/agent/agent-port.ts';
import { flushDisks } from '../../../../src/preflight/agent/flush-disks.ts';
import type { AgentAnswer } from '../../../../src/virsh/agent.ts';

const BOTH = ['guest-fsfreeze-freeze', 'guest-fsfreeze-thaw'];

describe('flushing a running guest (a recorded fake of its agent)', () => {
  it('gives the thaw away before the freeze is answered, so that it follows whatever becomes of the one who asks', async () => {
    const { agent, asked } = fakeAgent({ 'guest-fsfreeze-freeze': [answer(2)], 'guest-fsfreeze-thaw': [answer(2)] });
    expect(await flushDisks(agent)).toBe(true);
    expect(asked).toEqual([
      'guest-info',
      '> guest-fsfreeze-freeze',
      '> guest-fsfreeze-thaw',
      '< guest-fsfreeze-freeze',
      '< guest-fsfreeze-thaw',
    ]);
  });

  it.each([[[]], [['guest-fsfreeze-freeze']], [['guest-fsfreeze-thaw']]])(
    'is not done where only %j are allowed',
    async (enabled) => {
      const { agent, asked } = fakeAgent({}, enabled);
      expect(await flushDisks(agent)).toBe(false);
      expect(asked).toEqual(['guest-info']);
    },
  );

  it.each<[string, AgentAnswer]>([
    ['is refused', { kind: 'refused', message: 'no' }],
    ['is not answered', { kind: 'silent', message: 'timeout' }],
    ['froze nothing', answer(0)],
    ['makes no sense', answer('two')],
  ])('has not been done where the freeze %s; the thaw is sent all the same', async (_, frozen) => {
    const { agent, asked } = fakeAgent({ 'guest-fsfreeze-freeze': [frozen], 'guest-fsfreeze-thaw': [answer(0)] });
    expect(await flushDisks(agent)).toBe(false);
    expect(asked).toContain('> guest-fsfreeze-thaw');
  });

  it('thaws until it is answered, and gives up then', async () => {
    const silent: AgentAnswer = { kind: 'silent', message: 'timeout' };
    const late = fakeAgent({ 'guest-fsfreeze-freeze': [answer(1)], 'guest-fsfreeze-thaw': [silent, answer(1)] });
    expect(await flushDisks(late.agent)).toBe(true);
    const never = fakeAgent({ 'guest-fsfreeze-freeze': [answer(1)], 'guest-fsfreeze-thaw': [silent, silent, silent] });
    expect(await flushDisks(never.agent)).toBe(false);
  });
});

function answer(value: unknown): AgentAnswer {
  return { kind: 'answer', value };
}

function fakeAgent(answers: Readonly<Record<string, AgentAnswer[]>>, enabled: readonly string[] = BOTH) {
  const asked: string[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  const agent: AgentPort = async (execute) => {
    if (execute === 'guest-info') {
      asked.push(execute);
      return answer({ supported_commands: enabled.map((name) => ({ name, enabled: true })) });
    }
    asked.push(`> ${execute}`);
    await turn;
    turn = Promise.resolve().then(() => {});
    await turn;
    asked.push(`< ${execute}`);
    return answers[execute]?.shift() ?? { kind: 'silent', message: 'asked too often' };
  };
  return { agent, asked };
}
