/** Put in by the build; source that runs as it is written, as in unit tests, has none. */
declare const VIRTIOIZE_VERSION: string | undefined;

/** virtioize's own version. */
export const version = typeof VIRTIOIZE_VERSION === 'undefined' ? 'unbuilt' : VIRTIOIZE_VERSION;
