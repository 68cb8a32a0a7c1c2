import { createHash } from 'node:crypto';
import { type Html, html, serialize, verbatim } from './markup.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** Whether pictures stand in it, as part of its text. */
  readonly hasPictures: boolean;
}

/**
 * A page that needs nothing but itself. Its policy lets the browser load nothing at all, and use the one style and run the
 * one script whose hashes are given: what came from a guest could not run even where it got past the escaping.
 */
export function renderPage({ title, body, hasPictures }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `style-src '${digest(PAGE_STYLE)}'`,
    `script-src '${digest(PAGE_SCRIPT)}'`,
    ...(hasPictures ? ['img-src data:'] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return serialize(html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${verbatim(PAGE_STYLE)}</style>
</head>
<body>
${body}<script>${verbatim(PAGE_SCRIPT)}</script>
</body>
</html>
`);
}

/** A hash as a Content-Security-Policy names it (https://www.w3.org/TR/CSP3/#grammardef-hash-source). */
function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
