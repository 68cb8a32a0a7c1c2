declare module 'postject' {
  /** Put data into an executable as a resource, and set the mark that says so. */
  export function inject(
    file: string,
    resource: string,
    data: Buffer,
    options: { readonly sentinelFuse: string },
  ): Promise<void>;
}
