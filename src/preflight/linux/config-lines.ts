/** The lines of a configuration file that are neither empty nor comments, without the blanks around them. */
export function configLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The words of each such line. */
export function configWords(text: string): string[][] {
  return configLines(text).map((line) => line.split(/\s+/));
}
