const MAX_LENGTH = 400;

/**
 * Given a driver service's ImagePath, the file as GuestFiles have it (`/Windows/System32/drivers/viostor.sys`).
 * The forms that INF files and installers write: `System32\drivers\x.sys` and `\SystemRoot\...` are below the Windows
 * folder, none at all is `System32\drivers\<service>.sys` (CreateService, ZwLoadDriver).
 * @param systemRoot the Windows folder: `/Windows`.
 * @returns undefined for what a boot loader can't be known to find: other drives, `\??\`, `..`.
 */
export function resolveImagePath(
  imagePath: string | undefined,
  service: string,
  systemRoot: string,
): string | undefined {
  const text = (imagePath ?? '').trim().replace(/^"(.*)"$/, '$1');
  const given = text === '' ? `System32\\drivers\\${service}.sys` : text;
  const below = given.replace(/^(?:\\SystemRoot|%SystemRoot%)[\\/]/i, '');
  const parts = below.split(/[\\/]/);
  const isPlain = parts.every(
    (part) => part !== '' && part !== '.' && part !== '..' && !/[:%?*<>|"\p{Cc}]/u.test(part),
  );
  return isPlain && below.length <= MAX_LENGTH ? [systemRoot, ...parts].join('/') : undefined;
}
