import { UnreadableError } from '../../src/preflight/guest-files.ts';
import type { RegistryValue } from '../../src/preflight/windows/registry.ts';
import type { Keys } from './windows-systems.ts';

/**
 * Stands in for reg.exe of a Windows in German, as far as it is asked: `query KEY`, `query KEY /s` and
 * `query KEY /s /f TEXT /k`. What it prints and its exit status are those that Microsoft documents.
 * @param setUp a file that the shell reads first: it sets REGISTRY to the file to answer from, as printKeys writes it, or
 * does what else a program may do.
 */
export function regExe(setUp: string): string {
  return `#!/bin/sh
export LC_ALL=C
. '${setUp}'
[ "$1" = query ] || exit 1
KEY="HKEY_LOCAL_MACHINE\\\\\${2#HKLM?}"
MODE=$3$4
TEXT=$5
export KEY MODE TEXT
exec awk '
BEGIN { key = tolower(ENVIRON["KEY"]); text = tolower(ENVIRON["TEXT"]); all = ENVIRON["MODE"] == "/s"; search = ENVIRON["MODE"] == "/s/f" }
/^HKEY_/ {
	sub(/\\r$/, "")
	low = tolower($0)
	inside = low == key
	below = index(low, key "\\\\") == 1
	if (inside || below) found = 1
	printed = 0
	rest = substr($0, length(key) + 2)
	if (below && search) {
		count = split(low, parts, "\\\\")
		if (index(parts[count], text)) { matches++; printf "%s\\r\\n", $0 }
	} else if (below && all) {
		printf "\\r\\n%s\\r\\n", $0
	} else if (below) {
		end = index(rest, "\\\\")
		name = end ? substr(rest, 1, end - 1) : rest
		if (!(tolower(name) in seen)) { seen[tolower(name)] = 1; subkeys = subkeys ENVIRON["KEY"] "\\\\" name "\\r\\n" }
	}
	path = $0
	next
}
/^ / {
	if (search || !(inside || (below && all))) next
	if (inside && !printed) { printf "\\r\\n%s\\r\\n", path; printed = 1 }
	print
}
END {
	if (search) printf "\\r\\nSuchvorgang abgeschlossen: %d Uebereinstimmung(en) gefunden.\\r\\n", matches
	else printf "\\r\\n%s", subkeys
	if (found && !(search && !matches)) exit 0
	if (!search) print "FEHLER: Der angegebene Schluessel wurde nicht gefunden." > "/dev/stderr"
	exit 1
}' "$REGISTRY"
`;
}

/** A whole registry, as reg.exe prints it. */
export function printKeys(keys: Keys): string {
  return Object.entries(keys)
    .map(([path, values]) => {
      if (values instanceof UnreadableError) throw values;
      const lines = Object.entries(values).map(([name, value]) => valueLine(name, value));
      return [`HKEY_LOCAL_MACHINE\\${path}`, ...lines, ''].join('\r\n');
    })
    .join('\r\n');
}

function valueLine(name: string, value: RegistryValue): string {
  const [type, data] = printValue(value);
  return `    ${name === '' ? '(Standard)' : name}    ${type}    ${data}`;
}

function printValue(value: RegistryValue): [string, string] {
  if (typeof value === 'number') return ['REG_DWORD', `0x${value.toString(16)}`];
  if (typeof value === 'string') return ['REG_SZ', value];
  if (Buffer.isBuffer(value)) return ['REG_BINARY', value.toString('hex').toUpperCase()];
  return ['REG_MULTI_SZ', value.join('\\0')];
}
