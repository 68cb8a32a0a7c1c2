/** A step of a device path (UEFI specification, "Device Path Nodes"), as far as it matters here. */
export type PathNode =
  /** A partition by its identity, as Linux gives it for PARTUUID; undefined where it has none. */
  | { readonly kind: 'partition'; readonly id: string | undefined }
  /** A file, with `\` between folders. */
  | { readonly kind: 'file'; readonly path: string }
  /** A controller, a disk on it, a network card, an application inside the firmware. */
  | { readonly kind: 'other' };

/** A boot entry of the firmware: a `Boot####` variable. */
export interface LoadOption {
  readonly description: string;
  readonly isActive: boolean;
  readonly path: readonly PathNode[];
}

const ACTIVE = 1;
const MAX_NODES = 64;
/** Attributes and the path's length come first. */
const DESCRIPTION_OFFSET = 6;

/** An EFI_LOAD_OPTION (UEFI specification, "Load Options"), or undefined where the bytes are none. */
export function readLoadOption(data: Buffer): LoadOption | undefined {
  const end = data.length < DESCRIPTION_OFFSET ? -1 : findTextEnd(data, DESCRIPTION_OFFSET);
  if (end < 0) return undefined;
  const pathOffset = end + 2;
  const pathEnd = pathOffset + data.readUInt16LE(4);
  if (pathEnd > data.length) return undefined;
  const path = readPath(data.subarray(pathOffset, pathEnd));
  if (path === undefined) return undefined;
  const isActive = (data.readUInt32LE(0) & ACTIVE) !== 0;
  return { description: data.toString('utf16le', DESCRIPTION_OFFSET, end), isActive, path };
}

/** Where the zero stands that ends a text of 16-bit characters, or -1. */
function findTextEnd(data: Buffer, start: number): number {
  for (let offset = start; offset + 2 <= data.length; offset += 2) if (data.readUInt16LE(offset) === 0) return offset;
  return -1;
}

const [MEDIA, END] = [0x04, 0x7f];
const [HARD_DRIVE, FILE_PATH] = [0x01, 0x04];
const NODE_HEAD_BYTES = 4;

/** The first of a list of device paths, or undefined where it does not end. */
function readPath(data: Buffer): PathNode[] | undefined {
  const nodes: PathNode[] = [];
  for (let offset = 0; offset + NODE_HEAD_BYTES <= data.length && nodes.length < MAX_NODES; ) {
    const [type, subType, length] = [data[offset], data[offset + 1], data.readUInt16LE(offset + 2)];
    if (type === END) return nodes;
    if (length < NODE_HEAD_BYTES || offset + length > data.length) return undefined;
    const body = data.subarray(offset + NODE_HEAD_BYTES, offset + length);
    if (type === MEDIA && subType === HARD_DRIVE) nodes.push({ kind: 'partition', id: readPartitionId(body) });
    else if (type === MEDIA && subType === FILE_PATH) nodes.push({ kind: 'file', path: readFilePath(body) });
    else nodes.push({ kind: 'other' });
    offset += length;
  }
  return undefined;
}

function readFilePath(body: Buffer): string {
  const end = findTextEnd(body, 0);
  return body.toString('utf16le', 0, end < 0 ? body.length - (body.length % 2) : end);
}

const [SIGNATURE_OFFSET, SIGNATURE_TYPE_OFFSET] = [20, 37];
const [MBR_SIGNATURE, GUID_SIGNATURE] = [1, 2];

function readPartitionId(body: Buffer): string | undefined {
  if (body.length <= SIGNATURE_TYPE_OFFSET) return undefined;
  const signature = body.subarray(SIGNATURE_OFFSET, SIGNATURE_OFFSET + 16);
  if (body[SIGNATURE_TYPE_OFFSET] === GUID_SIGNATURE) return formatGuid(signature);
  if (body[SIGNATURE_TYPE_OFFSET] !== MBR_SIGNATURE) return undefined;
  const disk = signature.readUInt32LE(0).toString(16).padStart(8, '0');
  return `${disk}-${body.readUInt32LE(0).toString(16).padStart(2, '0')}`;
}

/** A GUID's 16 bytes as text: the first three fields are little-endian. */
export function formatGuid(bytes: Buffer): string {
  const fields = [
    bytes.readUInt32LE(0).toString(16).padStart(8, '0'),
    bytes.readUInt16LE(4).toString(16).padStart(4, '0'),
    bytes.readUInt16LE(6).toString(16).padStart(4, '0'),
    bytes.toString('hex', 8, 10),
    bytes.toString('hex', 10, 16),
  ];
  return fields.join('-');
}
