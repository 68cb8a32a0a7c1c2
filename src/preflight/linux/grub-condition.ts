import { expandWord, type GrubVariables } from './grub-words.ts';

/** True, false, or undefined where it can't be told. */
export type Truth = boolean | undefined;

/** Whether the condition of an `if` in a GRUB script holds. Tests of files and of the firmware can't be told. */
export function conditionHolds(words: readonly string[], variables: GrubVariables): Truth {
  if (words.length === 1 && words[0] === 'true') return true;
  if (words.length === 1 && words[0] === 'false') return false;
  if (words[0] !== '[' || words.at(-1) !== ']') return undefined;
  const alternatives = splitAt(words.slice(1, -1), '-o');
  return alternatives
    .map((alternative) =>
      splitAt(alternative, '-a')
        .map((test) => testHolds(test, variables))
        .reduce(and, true),
    )
    .reduce(or, false);
}

export function and(one: Truth, other: Truth): Truth {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}

export function or(one: Truth, other: Truth): Truth {
  return not(and(not(one), not(other)));
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function testHolds(words: readonly string[], variables: GrubVariables): Truth {
  const [first = '', second = '', third = ''] = words;
  if (first === '!') return second === '!' ? undefined : not(testHolds(words.slice(1), variables));
  const sureText = (word: string): string | undefined => {
    const { text, isSure } = expandWord(word, variables);
    return isSure ? text : undefined;
  };
  if (words.length <= 1) return isFilled(sureText(first));
  if (words.length === 2 && first === '-n') return isFilled(sureText(second));
  if (words.length === 2 && first === '-z') return not(isFilled(sureText(second)));
  if (words.length !== 3) return undefined;
  const [left, right] = [sureText(first), sureText(third)];
  if (left === undefined || right === undefined) return undefined;
  if (second === '=' || second === '==') return left === right;
  return second === '!=' ? left !== right : undefined;
}

function isFilled(text: string | undefined): Truth {
  return text === undefined ? undefined : text !== '';
}

function splitAt(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}
