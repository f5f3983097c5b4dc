/** The part that is used here of a package without types (github.com/cfware/process-on-spawn). */
declare module 'process-on-spawn' {
  const processOnSpawn: {
    /** Nothing is done to what is started from now on. */
    removeAllListeners(): void;
  };
  export default processOnSpawn;
}
