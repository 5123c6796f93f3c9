/** Work repeated for the whole mall, on one instance at a time; implemented by the jobs feature, asked for by any. */
export abstract class PeriodicJobs {
  /** Call it before the application has started. A run that throws is repeated after a growing pause. */
  abstract register(name: string, handler: () => Promise<unknown>, options: { readonly everySeconds: number }): void;
}
