const MAX_CHARACTERS = 160;

/** A guest's text, cut to what a message can hold: it may be of any length. */
export function shorten(text: string): string {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}...` : text;
}
