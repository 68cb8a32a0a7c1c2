import { UnreadableError } from '../guest-files.ts';
import { shorten } from '../shorten.ts';
import type { Circumstances } from './circumstances.ts';
import type { Binary, Known, ServiceFacts, WindowsFacts } from './windows-facts.ts';

/** What was seen of the rules A to E (docs/evidence.md), a line each, for people and for the record. */
export function describeFacts(facts: WindowsFacts, circumstances: Circumstances): Record<string, string> {
  const { version, bindings, services, enumerated } = facts;
  const { diskId, secureBoot, prettyName } = circumstances;
  const system =
    version instanceof UnreadableError
      ? prettyName
      : `${version.product}, ${version.major}.${version.minor}.${version.build}${version.architecture === undefined ? '' : ` ${version.architecture}`}`;
  return {
    system: shorten(system),
    disk: diskId === undefined ? 'no PCI id known' : `PCI\\VEN_1AF4&DEV_${diskId}`,
    ...(secureBoot ? { 'secure boot': 'on' } : {}),
    'A: boot-start service': each(services, describeSettings),
    'B: its file': each(services, ({ name, binary }) => `${name}: ${describeBinary(binary)}`),
    'C: bound to': each(
      bindings,
      ({ hardwareId, origin, service }) => `${hardwareId} by ${origin}: ${service ?? 'leads nowhere'}`,
    ),
    'D: overrides': each(services, describeOverrides),
    'E: enumerated': [each(enumerated, describeDisk), ...describeInstance(circumstances)].join('; '),
  };
}

const SHOWN = 8;

function each<T>(all: Known<readonly T[]>, describe: (one: T) => string): string {
  if (all instanceof UnreadableError) return unread(all);
  const more = all.length > SHOWN ? '; ...' : '';
  return all.length === 0
    ? 'none'
    : `${all
        .slice(0, SHOWN)
        .map((one) => shorten(describe(one)))
        .join('; ')}${more}`;
}

function describeSettings({ name, settings }: ServiceFacts): string {
  if (settings instanceof UnreadableError) return `${name}: ${unread(settings)}`;
  if (settings === undefined) return `${name}: not there`;
  const { type, start, group, imagePath } = settings;
  return `${name}: Type=${type ?? '-'} Start=${start ?? '-'} Group=${group ?? '-'} ImagePath=${imagePath ?? '-'}`;
}

function describeOverrides({ name, settings }: ServiceFacts): string {
  if (settings instanceof UnreadableError || settings === undefined) return `${name}: not read`;
  const { overrides } = settings;
  return `${name}: ${overrides.length === 0 ? 'no StartOverride' : `StartOverride ${overrides.slice(0, SHOWN).join(', ')}`}`;
}

function describeBinary(binary: Known<Binary>): string {
  if (binary instanceof UnreadableError) return unread(binary);
  if (binary.kind !== 'program') return `${binary.path} ${binary.kind}`;
  const { architecture, isSigned } = binary.image;
  return `${binary.path} for ${architecture ?? 'an unknown processor'}, ${isSigned ? 'signed' : 'not signed'}`;
}

function describeDisk({
  id,
  service,
  hasFailed,
}: {
  id: string;
  service: string | undefined;
  hasFailed: boolean;
}): string {
  return `DEV_${id} with ${service ?? 'no service'}${hasFailed ? ', not started' : ''}`;
}

function describeInstance({ inUse, attached }: Circumstances): string[] {
  return [...[...inUse].map((id) => `DEV_${id} in use now`), ...[...attached].map((id) => `DEV_${id} attached now`)];
}

function unread({ message }: UnreadableError): string {
  return `not read (${shorten(message)})`;
}
